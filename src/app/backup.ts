/** Copies of a data folder are made and put back without the program that would open it. */
export { backUp, restore } from "../../storage/sqlite/backup.ts";
export { databasePath } from "../../storage/sqlite/open-store.ts";
