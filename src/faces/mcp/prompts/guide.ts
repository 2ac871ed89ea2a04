/** The whole of the server in one text, for a model or a person at `stack://guide`. */
export const GUIDE = `# How to work with this marketplace

All amounts are US cents. Every call names, in its error, the field and the step that would mend it.

## Buy

1. \`stack_browse_skills\` with a few words; filter by price, trust level, tags or mode; sort by rating or price.
2. \`stack_get_skill\` shows schemas, and the steps of a source skill.
3. \`stack_quote_skill\` with your input says what will be held, and every obstacle there is.
4. \`stack_invoke_skill\`, with \`max_charge_cents\` if you want a bound. The same call again within a minute is the same run, charged once; an \`idempotency_key\` does the same for a week, \`repeat: true\` runs again. Pin a \`version\` or \`digest\` to get the same code again.
5. \`stack_check_invocation\` until the status is completed, failed, expired or cancelled; or subscribe to \`stack://invocations/{id}\`.
6. \`stack_cancel_invocation\` cancels an order; \`stack_rate_skill\` rates a skill for others.

Price and a reserve for compute are held first. They are charged only for an output that fits the skill's schema, and freed otherwise; what the reserve did not need is given back.

## Sell

* Sealed: \`stack_publish_skill\` with \`execution_steps\`. The server runs them; buyers never see them, and you never see their data.
* Source: the same, but everybody can read the steps.
* Open: you do the work. \`stack_list_pending_invocations\`, then \`stack_claim_invocation\`, \`stack_complete_invocation\` or \`stack_fail_invocation\`; \`stack_renew_invocation\` keeps a claim.

\`stack_test_skill\` runs a draft on an example, unpaid and without storing it. \`stack_update_skill\` makes a new version; old versions do not change.

A step is a script (\`{"type":"script","runtime":"javascript","code":"return { text: $INPUT.text };"}\`, the body of an async function that reads \`$INPUT\` and \`$PREV\` and returns JSON; for \`"runtime":"python"\` such a body with \`input\` and \`prev\`, or \`def main(input, prev)\`) or a model call (\`{"type":"llm","model":"openai/gpt-4o-mini","system_prompt":"…","user_message":"$INPUT.text"}\`).

A script reaches out with \`await proxy_fetch(url, {method, headers, query, body, service})\`, which gives \`{status, headers, body}\` with \`.json()\` and \`.text()\`. \`fail(code)\` ends a run unpaid, with the sentence that \`refusals\` declares for the code. Declare the hosts in \`egress.hosts\`. For a service with a secret, set \`credential_mode\` and \`required_credentials\`, and pass its provider as \`service\`: the script never sees the secret.

## Connect

\`stack_connect_custom_service\` keeps a key for a service of yours, with the only hosts it may go to; \`stack_verify_connection\` asks the service whether it accepts the key. A skill that needs a service answers SERVICE_NOT_CONNECTED until you have connected it.

## Ask

\`stack_post_skill_request\` asks for a missing skill; \`stack_match_skill_request\` and \`stack_suggest_composition\` search the existing skills.

## Money

\`stack_get_balance\`, \`stack_topup\`, \`stack_list_transactions\`, \`stack_refund_topup\`; publishers have \`stack_get_earnings\` and \`stack_list_payouts\`. A plan (\`stack_subscribe\`) lowers the commission and raises the limits.

Tools that are not listed are found with \`stack_find_tools\` and run with \`stack_run_read\` or \`stack_run_write\`.
`;
