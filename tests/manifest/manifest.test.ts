// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkManifests, fixManifest, resolveName } from "../../tools/manifest-check.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));

const goodManifest = {
	include: ["$(MODDABLE)/examples/manifest_base.json"],
	creation: {
		static: 0,
		chunk: { initial: 78_848, incremental: 0 },
		heap: { initial: 4928, incremental: 0 },
		stack: 512,
		main: "hosts/esp32/main",
	},
	modules: { "src/*": "./src/*", "src/core/*": "./src/core/*" },
	preload: ["src/core/crc", "src/main"],
	platforms: { esp32: { include: "./hosts/esp32/manifest.json" } },
};
const goodFiles: Readonly<Record<string, string>> = {
	"manifest.json": JSON.stringify(goodManifest),
	"src/core/crc.ts": "export const crc = 1;",
	"src/main.ts": 'import { crc } from "./core/crc.js";\nimport type { X } from "./core/crc.js";\nexport { crc };',
	"hosts/esp32/manifest.json": JSON.stringify({
		modules: { "hosts/esp32/*": "./main" },
		preload: ["hosts/esp32/main"],
	}),
	"hosts/esp32/main.ts":
		'import Timer from "timer";\nimport { crc } from "../../src/main.js";\nexport default () => Timer.set(crc);',
};

describe("manifest", () => {
	let root = "";

	/** Writes the good tree with some files replaced, and checks it. */
	function check(changes: Readonly<Record<string, string>>): string {
		root = mkdtempSync(join(tmpdir(), "sx402-manifest-"));
		for (const [path, text] of Object.entries({ ...goodFiles, ...changes })) {
			mkdirSync(dirname(join(root, path)), { recursive: true });
			writeFileSync(join(root, path), text);
		}
		return checkManifests(root).join("\n");
	}

	function withManifest(changes: object): string {
		return check({ "manifest.json": JSON.stringify({ ...goodManifest, ...changes }) });
	}

	afterEach(() => {
		if (root !== "") rmSync(root, { recursive: true, force: true });
		root = "";
	});

	it("F01 fits the sources: every module is named once, found, imported by its name and preloaded", () => {
		assert.deepEqual(checkManifests(repository), []);
	});

	it("accepts a small tree that follows the rules", () => {
		assert.equal(check({}), "");
	});

	it("reports JSON that does not parse, and patterns that match nothing", () => {
		assert.match(check({ "hosts/esp32/manifest.json": "{" }), /hosts\/esp32\/manifest\.json/);
		assert.match(
			withManifest({ modules: { ...goodManifest.modules, "src/x/*": "./src/x/*" } }),
			/"\.\/src\/x\/\*" matches no file/,
		);
	});

	it("reports a module in no manifest, one that is covered twice, and a name that differs from the path", () => {
		assert.match(check({ "src/clock/calendar.ts": "export {};" }), /src\/clock\/calendar\.ts is in no manifest/);
		assert.match(
			withManifest({ modules: { ...goodManifest.modules, "src/main": "./src/main" } }),
			/src\/main\.ts is covered 2 times/,
		);
		assert.match(
			withManifest({ modules: { ...goodManifest.modules, "core/*": "./src/core/*" } }),
			/names must mirror the tree/,
		);
	});

	it("lets a platform put a module in the place of another, under its name, and nothing in the place of none", () => {
		const withPlatform = (modules: object): string =>
			check({
				"manifest.json": JSON.stringify({
					...goodManifest,
					platforms: { esp32: { include: "./hosts/esp32/manifest.json", modules } },
				}),
				"hosts/esp32/native/crc.ts": "export const crc = 2;",
			});
		const native = "./hosts/esp32/native/crc";
		assert.equal(withPlatform({ "~": "./src/core/crc", "src/core/crc": native }), "");
		assert.match(withPlatform({ "src/core/crc": native }), /names must mirror the tree/);
		assert.match(
			withPlatform({ "~": "./src/core/crc", "src/core/other": native }),
			/src\/core\/crc\.ts is left out, and nothing stands in its place/,
		);
	});

	it("reports imports that the board would not find", () => {
		assert.match(check({ "src/core/crc.ts": 'import "./gone.js";' }), /"\.\/gone\.js" is no module/);
		assert.match(check({ "src/core/crc.ts": 'import "../main";' }), /lacks \.js/);
		assert.match(check({ "src/core/crc.ts": 'import "node:fs";' }), /"node:fs" is no module/);
	});

	it("reports preload entries that are patterns, unknown, twice or missing", () => {
		assert.match(withManifest({ preload: ["src/core/*", "src/main"] }), /a pattern does not match TypeScript/);
		assert.match(
			withManifest({ preload: ["src/core/crc", "src/main", "src/gone"] }),
			/"src\/gone": there is no such module/,
		);
		assert.match(withManifest({ preload: ["src/core/crc", "src/main", "src/main"] }), /listed twice/);
		assert.match(withManifest({ preload: ["src/core/crc"] }), /src\/main\.ts is not preloaded/);
	});

	it("reports native calls and dates made while a module is preloaded, but not inside functions", () => {
		const main = (body: string): string => check({ "hosts/esp32/main.ts": `import Timer from "timer";\n${body}` });
		assert.match(main("const t = Timer.set(1);"), /calls Timer/);
		assert.match(main("const d = [new Date()];"), /makes a Date/);
		assert.equal(main("export default function start() { return Timer.set(new Date()); }"), "");
	});

	it("reports a machine that does not fit the board, or that may grow", () => {
		const creation = (changes: object): string => withManifest({ creation: { ...goodManifest.creation, ...changes } });
		assert.match(creation({ heap: { initial: 6000, incremental: 0 } }), /more than the 175000/);
		assert.match(
			creation({ chunk: { initial: 120_000, incremental: 0 }, heap: { initial: 1000, incremental: 0 } }),
			/one block/,
		);
		assert.match(creation({ chunk: { initial: 78_848, incremental: 512 } }), /growing must be off/);
		assert.match(creation({ main: "main" }), /main "main" is no module/);
	});

	it("resolves names as the engine does", () => {
		assert.equal(resolveName("src/metrology/dsp/sq", "../../tariff/rate.js"), "src/tariff/rate");
		assert.equal(resolveName("src/main", "./core/crc.js"), "src/core/crc");
		assert.equal(resolveName("src/main", "timer"), "timer");
	});

	it("rewrites folders and preload list, and keeps what is not of src/", () => {
		const fixed = fixManifest(
			{ modules: { "src/old/*": "./src/old/*", extra: "./extra" }, preload: ["src/old/x", "extra"] },
			["src/a/b.ts", "src/main.ts"],
		);
		assert.deepEqual(fixed.modules, { "src/*": "./src/*", "src/a/*": "./src/a/*", extra: "./extra" }, "modules");
		assert.deepEqual(fixed.preload, ["src/a/b", "src/main", "extra"], "preload");
	});
});
