/** Copies of a data folder are made and put back without the program that would open it. */
export { backUp, restore } from "../../storage/backup.ts";
export { databasePath } from "../../storage/open-store.ts";
