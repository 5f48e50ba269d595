// SPDX-License-Identifier: Apache-2.0
// node --import ./tests/ts-node.mjs tools/manifest-check.ts [--fix]: proves without the SDK that the Moddable manifests
// fit the sources. `--fix` first rewrites the module folders and the preload list of the top manifest.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { type ManifestFile, type Module, readTarget, type Target, typeScriptFiles } from "./manifest.js";

/** Modules of the SDK (8.2.3) that sources may import; their manifests stand in `include`. */
export const sdkModules: readonly string[] = Object.freeze([
	"embedded:io/analog",
	"embedded:io/digital",
	"embedded:io/digitalbank",
	"embedded:io/serial",
	"embedded:io/smbus",
	"embedded:io/spi",
	"embedded:storage/flash",
	"embedded:storage/key-value",
	"mc/config",
	"time",
	"timer",
]);

/** Memory of the machine (docs/decisions/0010); a single block of the chip is limited to about 110 KiB by its memory banks. */
export const memoryBudget = Object.freeze({ slotSize: 16, total: 175_000, largestBlock: 110 * 1024 });

interface Import {
	readonly specifier: string;
	readonly isType: boolean;
}

function parse(root: string, path: string): ts.SourceFile {
	return ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.ES2022, true);
}

function importsOf(file: ts.SourceFile): Import[] {
	const found: Import[] = [];
	for (const statement of file.statements) {
		if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
		const { moduleSpecifier } = statement;
		if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) continue;
		const isType = ts.isImportDeclaration(statement)
			? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
			: statement.isTypeOnly;
		found.push({ specifier: moduleSpecifier.text, isType });
	}
	return found;
}

/** The name that the engine looks for: relative to the name of the importer, ".js" does not count. */
export function resolveName(importer: string, specifier: string): string {
	const name = specifier.startsWith(".") ? posix.join(posix.dirname(importer), specifier) : specifier;
	return name.replace(/\.js$/, "");
}

/** Names bound by imports from the SDK; what they stand for is native and cannot be used while the module is preloaded. */
function nativeBindings(file: ts.SourceFile): Set<string> {
	const names = new Set(["native"]);
	for (const statement of file.statements) {
		if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
		if (!sdkModules.includes(statement.moduleSpecifier.text) || statement.moduleSpecifier.text === "mc/config")
			continue;
		const clause = statement.importClause;
		if (clause?.name !== undefined) names.add(clause.name.text);
		if (clause?.namedBindings !== undefined && ts.isNamedImports(clause.namedBindings)) {
			for (const element of clause.namedBindings.elements) names.add(element.name.text);
		}
	}
	return names;
}

function rootIdentifier(expression: ts.Expression): string {
	let inner = expression;
	while (ts.isPropertyAccessExpression(inner) || ts.isCallExpression(inner)) inner = inner.expression;
	return ts.isIdentifier(inner) ? inner.text : "";
}

/** What a module does when it is evaluated that the linker cannot do, or that breaks once in flash. */
function forbiddenAtTopLevel(file: ts.SourceFile): string[] {
	const natives = nativeBindings(file);
	const found: string[] = [];
	function visit(node: ts.Node): void {
		if (ts.isFunctionLike(node) || ts.isPropertyDeclaration(node)) return;
		if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
			const name = rootIdentifier(node.expression);
			if (natives.has(name)) found.push(`calls ${name}`);
			if (ts.isNewExpression(node) && name === "Date") found.push("makes a Date");
		}
		ts.forEachChild(node, visit);
	}
	file.statements.forEach(visit);
	return found;
}

function checkCoverage(root: string, target: Target, folders: readonly string[]): string[] {
	const problems: string[] = [];
	const nameOf = (path: string): string => path.replace(/\.ts$/, "");
	for (const path of folders.flatMap((folder) => typeScriptFiles(root, folder))) {
		if (target.excluded.includes(path)) continue;
		const count = target.modules.filter((module) => module.path === path).length;
		if (count === 0) problems.push(`${path} is in no manifest (a folder must be listed by itself: run --fix)`);
		if (count > 1) problems.push(`${path} is covered ${count} times`);
	}
	for (const { name, path } of target.modules) {
		if (name === nameOf(path) || target.excluded.some((excluded) => nameOf(excluded) === name)) continue;
		problems.push(`${path} is called "${name}": names must mirror the tree`);
	}
	for (const path of target.excluded) {
		if (!target.modules.some((module) => module.name === nameOf(path)))
			problems.push(`${path} is left out, and nothing stands in its place`);
	}
	return problems;
}

function checkImports(file: ts.SourceFile, module: Module, names: ReadonlySet<string>): string[] {
	const problems: string[] = [];
	for (const { specifier, isType } of importsOf(file)) {
		const name = resolveName(module.name, specifier);
		if (specifier.startsWith(".") && !specifier.endsWith(".js"))
			problems.push(`${module.path}: "${specifier}" lacks .js`);
		if (names.has(name) || (!specifier.startsWith(".") && sdkModules.includes(name))) continue;
		problems.push(
			`${module.path}: "${specifier}" ${isType ? "(types) " : ""}is no module of a manifest nor a known one of the SDK`,
		);
	}
	return problems;
}

function checkPreload(target: Target, names: ReadonlySet<string>): string[] {
	const problems: string[] = [];
	const seen = new Set<string>();
	for (const name of target.preload) {
		if (name.includes("*"))
			problems.push(`preload "${name}": a pattern does not match TypeScript modules, name each one`);
		else if (!names.has(name)) problems.push(`preload "${name}": there is no such module (run --fix)`);
		if (seen.has(name)) problems.push(`preload "${name}" is listed twice`);
		seen.add(name);
	}
	for (const { name, path } of target.modules) {
		if (seen.has(name)) continue;
		const how = name.startsWith("src/") ? "run --fix" : "by hand: --fix writes the modules of src";
		problems.push(`${path} is not preloaded and would be kept in RAM: add "${name}" (${how})`);
	}
	return problems;
}

function checkCreation(target: Target, names: ReadonlySet<string>): string[] {
	const { creation } = target;
	if (creation === undefined) return ["no manifest has a creation"];
	const problems: string[] = [];
	const chunks = creation.chunk?.initial ?? 0;
	const slots = creation.heap?.initial ?? 0;
	const { slotSize, total, largestBlock } = memoryBudget;
	const sum = (creation.static ?? 0) + chunks + (slots + (creation.stack ?? 0)) * slotSize;
	if (chunks === 0 || slots === 0 || creation.stack === undefined)
		problems.push("creation: chunk, heap and stack are needed");
	if (sum > total) problems.push(`creation: ${sum} octets are more than the ${total} that the board has`);
	if (Math.max(chunks, slots * slotSize) > largestBlock)
		problems.push(`creation: one block is larger than ${largestBlock}`);
	if (creation.chunk?.incremental !== 0 || creation.heap?.incremental !== 0)
		problems.push("creation: growing must be off");
	if (creation.main === undefined || !names.has(creation.main))
		problems.push(`creation: main "${creation.main}" is no module`);
	return problems;
}

/** Folders of which every module must be in a manifest. */
function coveredFolders(root: string): string[] {
	return ["src", "hosts/esp32"].filter((folder) => existsSync(join(root, folder)));
}

/** Every problem that can be found without the SDK; an empty list when the manifests fit the sources. */
export function checkManifests(root: string, top = "manifest.json", platform = "esp32"): string[] {
	const target = readTarget(root, top, platform);
	if (target.modules.length === 0) return [...target.problems, `${top}: no modules`];
	const names = new Set(target.modules.map((module) => module.name));
	const problems = [...target.problems, ...checkCoverage(root, target, coveredFolders(root))];
	for (const module of target.modules) {
		const file = parse(root, module.path);
		problems.push(...checkImports(file, module, names));
		for (const what of forbiddenAtTopLevel(file)) problems.push(`${module.path} ${what} while it is preloaded`);
	}
	return [...problems, ...checkPreload(target, names), ...checkCreation(target, names)];
}

/** The manifest with one module pattern for each folder below `src` and every module of it preloaded. */
export function fixManifest(manifest: ManifestFile, sources: readonly string[]): ManifestFile {
	const folders = [...new Set(sources.map((path) => posix.dirname(path)))].sort();
	const others = Object.entries(manifest.modules ?? {}).filter(([key]) => !key.startsWith("src/"));
	const modules = [...folders.map((folder) => [`${folder}/*`, `./${folder}/*`]), ...others];
	const preload = [
		...sources.map((path) => path.replace(/\.ts$/, "")),
		...(manifest.preload ?? []).filter((name) => !name.startsWith("src/")),
	];
	return { ...manifest, modules: Object.fromEntries(modules), preload };
}

function main(root: string): void {
	if (process.argv.includes("--fix")) {
		const path = join(root, "manifest.json");
		const fixed = fixManifest(JSON.parse(readFileSync(path, "utf8")) as ManifestFile, typeScriptFiles(root, "src"));
		writeFileSync(path, `${JSON.stringify(fixed, null, "\t")}\n`);
		const biome = join(root, "node_modules/.bin/biome");
		if (existsSync(biome)) execFileSync(biome, ["format", "--write", path], { cwd: root, stdio: "ignore" });
	}
	const problems = checkManifests(root);
	for (const problem of problems) console.error(problem);
	console.log(problems.length === 0 ? "the manifests fit the sources" : `${problems.length} problems`);
	process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(fileURLToPath(new URL("../", import.meta.url)));
