// SPDX-License-Identifier: Apache-2.0
// node --import ./tests/ts-node.mjs tools/engine-check.ts: finds in src/ what costs memory on the engine of the board for
// nothing (docs/decisions/0013).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { typeScriptFiles } from "./manifest.js";

/**
 * Private methods by name (`#method()`) of one file: the engine keeps each of them in every instance. Private by type costs
 * nothing; private fields cost the same either way.
 * @param path of the file in the repository
 * @returns a line for each, with its place
 */
export function checkPrivateMethods(path: string, text: string): string[] {
	const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
	const problems: string[] = [];
	const visit = (node: ts.Node): void => {
		const isMethod = ts.isMethodDeclaration(node) || ts.isGetAccessor(node) || ts.isSetAccessor(node);
		if (isMethod && ts.isPrivateIdentifier(node.name)) {
			const { line } = source.getLineAndCharacterOfPosition(node.getStart());
			problems.push(`${path}:${line + 1} ${node.name.text}() takes a slot of each instance: make it private by type`);
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return problems;
}

/** Checks every file below `src`. */
export function checkRepository(root: string): string[] {
	return typeScriptFiles(root, "src").flatMap((path) =>
		checkPrivateMethods(path, readFileSync(join(root, path), "utf8")),
	);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const problems = checkRepository(fileURLToPath(new URL("../", import.meta.url)));
	for (const problem of problems) console.error(problem);
	if (problems.length === 0) console.log("private methods are private by type");
	process.exitCode = problems.length === 0 ? 0 : 1;
}
