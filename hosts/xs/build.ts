// SPDX-License-Identifier: Apache-2.0
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { flags32, launcher32 } from "./program-32.js";

const run = promisify(execFile);

export const repository = fileURLToPath(new URL("../../", import.meta.url));
const engineFolder = join(repository, "hosts/xs/engine");
/** Native modules of the board; `native.c` includes those that need nothing of the chip. */
const nativeFolder = join(repository, "hosts/esp32/native");
const cacheFolder = join(repository, "build/xs-engine");
const xsFolder = join(repository, "node_modules/@agoric/xsnap/moddable/xs");

/** Of the engine's sources: a snapshot writer and a lockdown that a host would have to complete; the board has neither. */
const unusedSources = ["xsSnapshot.c", "xsLockdown.c"];

const definitions = [
	"-DINCLUDE_XSPLATFORM",
	'-DXSPLATFORM="platform.h"',
	"-DmxParse=1",
	"-DmxRun=1",
	"-DmxSloppy=1",
	"-DmxNoConsole=1",
	"-DmxBoundsCheck=1",
	"-DmxMinusZero=1",
	"-DmxMetering=1",
	"-DmxRegExpUnicodePropertyEscapes=0",
];

export interface Engine {
	/** The program, behind what it needs to run here. */
	readonly command: readonly string[];
	/** Pointer width: 32 as on the board, 64 where 32-bit programs cannot be built or run. */
	readonly bits: 32 | 64;
	/** Files compiled in this call; 0 when everything came from the cache. */
	readonly compiled: number;
}

function hashOf(...parts: readonly (string | Buffer)[]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part).update("\0");
	return hash.digest("hex").slice(0, 16);
}

function contentOf(folder: string, extension: string): string {
	const names = readdirSync(folder)
		.filter((name) => name.endsWith(extension))
		.sort();
	return hashOf(...names.flatMap((name) => [name, readFileSync(join(folder, name))]));
}

interface Unit {
	readonly source: string;
	readonly object: string;
	readonly flags: readonly string[];
}

/** Compiles what is missing, as many files at a time as there are processors; a half-written object never gets its name. */
async function compile(units: readonly Unit[]): Promise<number> {
	const missing = units.filter((unit) => !existsSync(unit.object));
	let next = 0;
	async function worker(): Promise<void> {
		for (let unit = missing[next++]; unit !== undefined; unit = missing[next++]) {
			const partial = `${unit.object}.${process.pid}`;
			const { stderr } = await run("gcc", [...unit.flags, "-c", unit.source, "-o", partial]);
			if (stderr !== "") process.stderr.write(stderr);
			renameSync(partial, unit.object);
		}
	}
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
	return missing.length;
}

/**
 * Builds the engine program from the C sources of the XS engine that npm's `@agoric/xsnap` carries, and from
 * `hosts/xs/engine`. Objects are cached under `build/xs-engine` by a hash of sources, headers, flags and compiler.
 *
 * @param wanted pointer width; by default 32 when this machine can, else 64
 * @throws Error when the sources or gcc are missing, or when a file does not compile
 */
export async function buildEngine(wanted?: 32 | 64): Promise<Engine> {
	const launcher = wanted === 64 ? undefined : launcher32();
	const bits = wanted ?? (launcher === undefined ? 64 : 32);
	const sourceFolder = join(xsFolder, "sources");
	if (!existsSync(sourceFolder)) throw new Error(`the XS sources are missing (npm ci?): ${sourceFolder}`);
	const version = spawnSync("gcc", ["--version"], { encoding: "utf8" });
	if (version.status !== 0) throw new Error("gcc is missing (Debian: apt-get install gcc gcc-multilib)");
	mkdirSync(cacheFolder, { recursive: true });

	const common = [...(bits === 32 ? flags32 : []), "-O2", ...definitions, `-I${engineFolder}`];
	const include = ["includes", "platforms", "sources"].map((name) => `-I${join(xsFolder, name)}`);
	const engineFlags = [...common, ...include, "-w"];
	// The engine's headers are system headers here, so that only our own files are shown warnings about.
	const hostFlags = [
		...common,
		...include.map((flag) => flag.replace("-I", "-isystem")),
		"-Wall",
		"-Wextra",
		"-Werror=implicit-function-declaration",
	];
	const platform = readFileSync(join(engineFolder, "platform.h"));
	const headers = hashOf(contentOf(sourceFolder, ".h"), contentOf(join(xsFolder, "includes"), ".h"), platform);
	const key = hashOf(version.stdout, headers);

	function unitOf(folder: string, name: string, flags: readonly string[], extra: string): Unit {
		const source = join(folder, name);
		const portable = flags.join(" ").replaceAll(repository, "");
		const hash = hashOf(key, extra, portable, readFileSync(source));
		return { source, flags, object: join(cacheFolder, `${basename(name, ".c")}-${bits}-${hash}.o`) };
	}
	const hostHeaders = hashOf(contentOf(engineFolder, ".h"), contentOf(nativeFolder, ".c"));
	const units = [
		...readdirSync(sourceFolder)
			.filter((name) => name.endsWith(".c") && !unusedSources.includes(name))
			.map((name) => unitOf(sourceFolder, name, engineFlags, "")),
		...readdirSync(engineFolder)
			.filter((name) => name.endsWith(".c"))
			.map((name) => unitOf(engineFolder, name, hostFlags, hostHeaders)),
	];
	const compiled = await compile(units);

	const objects = units.map((unit) => unit.object).sort();
	const path = join(cacheFolder, `engine-${bits}-${hashOf(...objects.map((object) => basename(object)))}`);
	if (!existsSync(path)) {
		const partial = `${path}.${process.pid}`;
		const mode = bits === 32 ? flags32 : [];
		await run("gcc", [...mode, ...objects, "-o", partial, "-lm", "-ldl", "-lpthread", "-latomic"]);
		renameSync(partial, path);
	}
	return { command: [...(launcher ?? []), path], bits, compiled };
}
