// SPDX-License-Identifier: Apache-2.0
// node --import ./tests/ts-node.mjs tools/import-check.ts: proves the direction of the imports in src/. The legally
// relevant part must be buildable, and have its checksum, without the rest.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { typeScriptFiles } from "./manifest.js";

interface Rule {
	/** Files below this folder … */
	readonly from: string;
	/** … may import, besides each other, what begins so. */
	readonly mayImport: readonly string[];
	readonly reason: string;
}

/** The first rule that fits a file decides. */
export const importRules: readonly Rule[] = Object.freeze([
	{ from: "src/core/", mayImport: [], reason: "core stands on nothing" },
	{ from: "src/ports/", mayImport: ["src/core/"], reason: "ports are interfaces" },
	{ from: "src/models/", mayImport: ["src/core/"], reason: "models are plain facts" },
	{
		from: "src/metrology/",
		mayImport: ["src/core/", "src/ports/", "src/models/", "src/storage/record-store.js", "src/storage/keys.js"],
		reason: "metrology is the legally relevant part: nothing of the application, of storage only the interface",
	},
	{
		from: "src/drivers/",
		mayImport: ["src/core/", "src/ports/", "src/models/", "src/metrology/"],
		reason: "drivers belong to the legally relevant part",
	},
	{ from: "src/storage/", mayImport: ["src/core/", "src/ports/"], reason: "storage knows no content" },
	{ from: "src/", mayImport: ["src/"], reason: "src/ knows no host and no package" },
]);

/**
 * Imports of one file that its rule forbids.
 * @param path of the file in the repository
 */
export function checkImports(path: string, text: string): string[] {
	const rule = importRules.find(({ from }) => path.startsWith(from));
	if (rule === undefined) return [];
	const problems: string[] = [];
	for (const { fileName: specifier } of ts.preProcessFile(text, true, true).importedFiles) {
		const target = specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
		const isAllowed = [rule.from, ...rule.mayImport].some((prefix) => target.startsWith(prefix));
		if (!isAllowed) problems.push(`${path} imports "${specifier}": ${rule.reason}`);
	}
	return problems;
}

/** Checks every file below `src`. */
export function checkRepository(root: string): string[] {
	return typeScriptFiles(root, "src").flatMap((path) => checkImports(path, readFileSync(join(root, path), "utf8")));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const problems = checkRepository(fileURLToPath(new URL("../", import.meta.url)));
	for (const problem of problems) console.error(problem);
	console.log(problems.length === 0 ? "imports point the right way" : `${problems.length} imports point the wrong way`);
	process.exitCode = problems.length === 0 ? 0 : 1;
}
