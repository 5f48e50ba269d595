// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, posix, relative } from "node:path";

/** Sections of a Moddable manifest that this project uses. */
export interface ManifestFile {
	readonly include?: string | readonly string[];
	readonly build?: Readonly<Record<string, string>>;
	readonly creation?: ManifestCreation;
	readonly modules?: Readonly<Record<string, string | readonly string[]>>;
	readonly preload?: readonly string[];
	readonly platforms?: Readonly<Record<string, ManifestFile>>;
	readonly [section: string]: unknown;
}

export interface ManifestCreation {
	readonly static?: number;
	readonly chunk?: { readonly initial?: number; readonly incremental?: number };
	readonly heap?: { readonly initial?: number; readonly incremental?: number };
	readonly stack?: number;
	readonly main?: string;
}

/** A module as the build tool will know it. */
export interface Module {
	/** Name that imports are resolved against at run time. */
	readonly name: string;
	/** Path in the repository, "src/core/crc.ts". */
	readonly path: string;
}

/** All manifests of one target, merged: the top one, what it includes, and the platform's part. */
export interface Target {
	/** Paths in the repository of the manifests read, top first. */
	readonly manifests: readonly string[];
	readonly creation: ManifestCreation | undefined;
	readonly modules: readonly Module[];
	/** Sources ("~") that this platform leaves out, as paths in the repository: others stand in their place. */
	readonly excluded: readonly string[];
	readonly preload: readonly string[];
	/** Includes from the SDK, which is not here to be read. */
	readonly sdkIncludes: readonly string[];
	/** Patterns that match no file, and files that cannot be read. */
	readonly problems: readonly string[];
}

const sourceExtensions = [".ts", ".js", ".mjs"];

function isModuleFile(name: string): boolean {
	return sourceExtensions.some((extension) => name.endsWith(extension)) && !name.endsWith(".d.ts");
}

function withoutExtension(name: string): string {
	return name.replace(/\.(ts|m?js)$/, "");
}

/** Files that a module pattern stands for: one folder deep, extension left out, as the build tool sees it. */
function filesOf(root: string, pattern: string): string[] {
	const folder = dirname(pattern);
	const last = basename(pattern);
	if (!existsSync(join(root, folder)) || !statSync(join(root, folder)).isDirectory()) return [];
	return readdirSync(join(root, folder))
		.filter(isModuleFile)
		.filter((name) => last === "*" || withoutExtension(name) === last)
		.sort()
		.map((name) => posix.join(folder, name));
}

class TargetReader {
	readonly #root: string;
	readonly #platform: string;
	readonly manifests: string[] = [];
	readonly modules: Module[] = [];
	readonly excluded: string[] = [];
	readonly preload: string[] = [];
	readonly sdkIncludes: string[] = [];
	readonly problems: string[] = [];
	creation: ManifestCreation | undefined;

	constructor(root: string, platform: string) {
		this.#root = root;
		this.#platform = platform;
	}

	readFile(path: string): void {
		if (this.manifests.includes(path)) return;
		this.manifests.push(path);
		try {
			this.#takeSections(path, JSON.parse(readFileSync(join(this.#root, path), "utf8")) as ManifestFile);
		} catch (error) {
			this.problems.push(`${path}: ${(error as Error).message}`);
		}
	}

	#takeSections(path: string, manifest: ManifestFile): void {
		const folder = posix.dirname(path);
		for (const include of [manifest.include ?? []].flat()) {
			if (include.startsWith("$(MODDABLE)/")) this.sdkIncludes.push(include);
			else this.readFile(posix.join(folder, include));
		}
		this.creation = manifest.creation ?? this.creation;
		for (const [key, patterns] of Object.entries(manifest.modules ?? {})) {
			for (const pattern of [patterns].flat()) this.#takeModules(path, folder, key, pattern);
		}
		this.preload.push(...(manifest.preload ?? []));
		const platform = manifest.platforms?.[this.#platform];
		if (platform !== undefined) this.#takeSections(path, platform);
	}

	#takeModules(path: string, folder: string, key: string, pattern: string): void {
		if (pattern.startsWith("$(")) return;
		const files = filesOf(this.#root, posix.join(folder, pattern));
		if (files.length === 0) this.problems.push(`${path}: "${key}": "${pattern}" matches no file`);
		if (key === "~") this.excluded.push(...files);
		else this.#takeFiles(key, files);
	}

	#takeFiles(key: string, files: readonly string[]): void {
		for (const file of files) {
			const name = key.endsWith("*") ? key.slice(0, -1) + withoutExtension(posix.basename(file)) : key;
			this.modules.push({ name, path: file });
		}
	}
}

/**
 * Reads a manifest and everything of this repository that it includes for a platform.
 * @param root folder of the repository
 * @param path of the top manifest, below `root`
 */
export function readTarget(root: string, path: string, platform: string): Target {
	const reader = new TargetReader(root, platform);
	reader.readFile(path);
	return { ...reader, modules: reader.modules.filter((module) => !reader.excluded.includes(module.path)) };
}

/** Every TypeScript module below a folder, as paths in the repository. */
export function typeScriptFiles(root: string, folder: string): string[] {
	return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
		.map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
		.sort();
}
