// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { repository } from "./build.js";
import type { Creation } from "./machine.js";

interface Manifest {
	readonly creation: {
		readonly chunk: { readonly initial: number };
		readonly heap: { readonly initial: number };
		readonly stack: number;
		readonly keys: { readonly initial: number; readonly incremental: number };
	};
	readonly preload: readonly string[];
	readonly platforms: { readonly esp32: { readonly modules: Readonly<Record<string, string>> } };
}

/** A module that the board has in native code: its name, and what stands in its place, relative to the repository. */
export interface ReplacedModule {
	readonly name: string;
	readonly path: string;
}

/** What the engine harness takes from the board's manifest: memory of the machine, and the modules in flash. */
export function readManifest(): {
	readonly creation: Creation;
	readonly preload: readonly string[];
	readonly replaced: readonly ReplacedModule[];
} {
	const { creation, preload, platforms } = JSON.parse(
		readFileSync(join(repository, "manifest.json"), "utf8"),
	) as Manifest;
	return {
		creation: {
			chunks: creation.chunk.initial,
			slots: creation.heap.initial,
			stack: creation.stack,
			keys: { initial: creation.keys.initial, increment: creation.keys.incremental },
		},
		preload: preload.filter((name) => name.startsWith("src/")),
		replaced: Object.entries(platforms.esp32.modules)
			.filter(([name]) => name !== "~")
			.map(([name, path]) => ({ name, path: normalize(path) })),
	};
}
