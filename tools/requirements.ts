// SPDX-License-Identifier: Apache-2.0
// npm run requirements [-- --json]: which test proves which requirement, by the ids in the titles of the tests, and
// which requirements no test names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { typeScriptFiles } from "./manifest.js";

/** Where tests are: mocha's, and the scenarios of the engine harness. */
const testFolders = ["tests", "hosts/xs/src"];

const idPattern = /\b(F\d{2,}|G\d{1,2}|X\d{2}|SEC-[a-z]+)\b/g;
const suiteNames = ["describe", "context", "suite"];
const testNames = ["it", "test", "specify", "check"];

export interface TestTitle {
	/** Path in the repository. */
	readonly path: string;
	/** Titles of the suites around it and its own, joined. */
	readonly title: string;
}

function calledName(expression: ts.Expression): string {
	if (ts.isIdentifier(expression)) return expression.text;
	return ts.isPropertyAccessExpression(expression) ? calledName(expression.expression) : "";
}

/** Fixed text of a title; the variable parts of a template read as "…". */
function titleText(node: ts.Expression | undefined): string | undefined {
	if (node === undefined) return undefined;
	if (ts.isStringLiteralLike(node)) return node.text;
	if (!ts.isTemplateExpression(node)) return undefined;
	return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join("");
}

/** All test titles of one file, with those of the suites around them. */
export function titlesOf(path: string, text: string): TestTitle[] {
	const found: TestTitle[] = [];
	const suites: string[] = [];
	function visit(node: ts.Node): void {
		if (ts.isCallExpression(node)) {
			const name = calledName(node.expression);
			const title = titleText(node.arguments[0]);
			if (title !== undefined && testNames.includes(name)) found.push({ path, title: [...suites, title].join(" › ") });
			if (title !== undefined && suiteNames.includes(name)) {
				suites.push(title);
				ts.forEachChild(node, visit);
				suites.pop();
				return;
			}
		}
		ts.forEachChild(node, visit);
	}
	visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
	return found;
}

/** Ids named in a title, each once. `X.25` and the like are no ids. */
export function idsIn(title: string): string[] {
	return [...new Set(title.match(idPattern) ?? [])];
}

/** Tests by requirement id. Ids that no list knows are under `unknown`. */
export function traceRequirements(
	known: Readonly<Record<string, string>>,
	titles: readonly TestTitle[],
): { readonly tests: ReadonlyMap<string, readonly TestTitle[]>; readonly unknown: readonly string[] } {
	const tests = new Map<string, TestTitle[]>(Object.keys(known).map((id) => [id, []]));
	const unknown = new Set<string>();
	for (const test of titles) {
		for (const id of idsIn(test.title)) {
			const list = tests.get(id);
			if (list === undefined) unknown.add(`${id} in ${test.path}: ${test.title}`);
			else list.push(test);
		}
	}
	return { tests, unknown: [...unknown] };
}

function main(root: string): void {
	const known = JSON.parse(readFileSync(join(root, "docs/requirements.json"), "utf8")) as Record<string, string>;
	const titles = testFolders
		.flatMap((folder) => typeScriptFiles(root, folder))
		.flatMap((path) => titlesOf(path, readFileSync(join(root, path), "utf8")));
	const { tests, unknown } = traceRequirements(known, titles);
	if (process.argv.includes("--json")) {
		console.log(JSON.stringify(Object.fromEntries(tests), null, "\t"));
		return;
	}
	const missing: string[] = [];
	for (const [id, list] of tests) {
		if (list.length === 0) missing.push(id);
		else console.log(`${id} ${known[id]}\n${list.map(({ path, title }) => `    ${path}: ${title}`).join("\n")}`);
	}
	console.log(`\nwithout a test (${missing.length} of ${tests.size}):`);
	for (const id of missing) console.log(`    ${id} ${known[id]}`);
	if (unknown.length > 0)
		console.log(`\nids that docs/requirements.json does not know:\n    ${unknown.join("\n    ")}`);
	console.log(`\n${titles.length} tests, ${tests.size - missing.length} of ${tests.size} requirements named by one`);
	process.exitCode = unknown.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(fileURLToPath(new URL("../", import.meta.url)));
