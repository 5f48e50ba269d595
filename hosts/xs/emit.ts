// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { repository } from "./build.js";

export interface Emitted {
	/** Folder that mirrors the repository, with .js files. */
	readonly root: string;
	/** Module names: paths in the repository without extension. */
	readonly modules: readonly string[];
	/** Files written in this call. */
	readonly written: number;
}

function isOlder(path: string, than_ms: number): boolean {
	const found = statSync(path, { throwIfNoEntry: false });
	return found === undefined || found.mtimeMs < than_ms;
}

/**
 * Turns the TypeScript that `tsconfig.xs.json` names into JavaScript for the engine, file by file and without looking at
 * types (that is the work of `tsc`). Only what changed is written; what has no source any more is removed.
 */
export function emitForEngine(): Emitted {
	const configPath = join(repository, "tsconfig.xs.json");
	const config = ts.getParsedCommandLineOfConfigFile(
		configPath,
		{},
		{ ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
	);
	if (config === undefined) throw new Error(`cannot read ${configPath}`);
	const root = config.options.outDir;
	if (root === undefined) throw new Error("tsconfig.xs.json names no outDir");

	const config_ms = statSync(configPath).mtimeMs;
	const modules: string[] = [];
	let written = 0;
	for (const source of config.fileNames) {
		if (source.endsWith(".d.ts")) continue;
		const name = relative(repository, source).replace(/\.ts$/, "");
		modules.push(name);
		const target = join(root, `${name}.js`);
		if (!isOlder(target, Math.max(statSync(source).mtimeMs, config_ms))) continue;
		const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), {
			compilerOptions: config.options,
			fileName: source,
		});
		mkdirSync(dirname(target), { recursive: true });
		writeFileSync(target, bindNatives(outputText));
		written++;
	}
	removeStale(root, new Set(modules.map((name) => join(root, `${name}.js`))));
	return { root, modules: modules.sort(), written };
}

/**
 * The compiler of the board turns `native("name")` into the C function of that name; here it is a global variable, which
 * costs a few byte codes more.
 */
function bindNatives(text: string): string {
	return text.replaceAll(/\bnative\("(\w+)"\)/g, "$1");
}

const libraryOptions: ts.CompilerOptions = {
	allowJs: true,
	target: ts.ScriptTarget.ES2021,
	module: ts.ModuleKind.ESNext,
	useDefineForClassFields: true,
};

/**
 * Writes the `@noble` packages, the reference ciphers, one language level lower: the engine cannot run a static field
 * that makes an instance of its own class while that has fields.
 *
 * @returns the folder that stands for `node_modules/@noble`
 */
export function emitLibrary(): string {
	const from = join(repository, "node_modules/@noble");
	const root = join(repository, "build/xs-library/@noble");
	for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
		const source = join(entry.parentPath, entry.name);
		const isNested = relative(from, entry.parentPath).includes("node_modules");
		if (!entry.isFile() || isNested || !entry.name.endsWith(".js")) continue;
		const target = join(root, relative(from, source));
		if (!isOlder(target, statSync(source).mtimeMs)) continue;
		const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), {
			compilerOptions: libraryOptions,
			fileName: source,
		});
		mkdirSync(dirname(target), { recursive: true });
		writeFileSync(target, outputText);
	}
	return root;
}

function fail(diagnostic: ts.Diagnostic): never {
	throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
}

function removeStale(root: string, wanted: ReadonlySet<string>): void {
	for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile() && path.endsWith(".js") && !wanted.has(path)) rmSync(path);
	}
}
