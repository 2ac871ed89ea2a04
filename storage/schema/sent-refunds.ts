/** Refunds that a processor has taken. */
export interface SentRefundsTable {
  refund_id: string;
  sent_at: number;
}
