/** The commands that do what an operation does, by the operation's name. */
const COMMANDS: Readonly<Record<string, string>> = {
  stack_activate_skill: "skill activate",
  stack_approve_invocation: "approval approve",
  stack_connect_custom_service: "service connect",
  stack_deny_invocation: "approval deny",
  stack_get_earnings: "earnings",
  stack_get_skill: "skill show",
  stack_list_connected_services: "service list",
  stack_list_my_skills: "skill list",
  stack_list_sales: "sales",
  stack_publish_skill: "skill publish",
  stack_test_skill: "skill test",
  stack_unlist_skill: "skill unlist",
  stack_update_skill: "skill publish",
};

/** A message that speaks of operations, for somebody who types commands. */
export function inCommands(message: string): string {
  return message
    .replace(/^The input of stack_\w+ is not valid: /, "What was given does not do: ")
    .replace(/\bstack_[a-z_]+/g, (tool) => {
      const command = COMMANDS[tool];
      return command === undefined ? `the tool ${tool}` : `\`stack-mcp ${command}\``;
    });
}
