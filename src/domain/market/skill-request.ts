export const REQUEST_STATUSES = ["open", "closed", "fulfilled"] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];
