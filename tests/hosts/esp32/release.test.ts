// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";

const tracked = execFileSync("git", ["ls-files"], { encoding: "utf8" }).split("\n").filter(Boolean);
const firmware = tracked.filter((name) => /^(src|hosts\/esp32)\/.*\.ts$/.test(name));

/** Every identifier and string of a source that can name something at run time. */
function words(name: string): Set<string> {
	const found = new Set<string>();
	const source = ts.createSourceFile(name, readFileSync(name, "utf8"), ts.ScriptTarget.ES2022, true);
	const visit = (node: ts.Node): void => {
		if (ts.isIdentifier(node) || ts.isStringLiteral(node)) found.add(node.text);
		if (node.kind === ts.SyntaxKind.ImportKeyword) found.add("import()");
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

/** What a compiler makes of the firmware, as one hash. */
function emitted(folder: string): string {
	const tsc = "node_modules/typescript/bin/tsc";
	execFileSync(process.execPath, [tsc, "-p", "tsconfig.src.json", "--noEmit", "false", "--outDir", folder]);
	const hash = createHash("sha256");
	for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
		if (!name.endsWith(".js")) continue;
		hash.update(name);
		hash.update(readFileSync(join(folder, name)));
	}
	return hash.digest("hex");
}

describe("a release of the firmware", () => {
	it("SEC-mod: no module of it makes code out of text, loads a module by name, or reaches a debugger", () => {
		assert.ok(firmware.length > 200);
		const forbidden = [
			"eval",
			"Function",
			"Compartment",
			"ModuleSource",
			"debugger",
			"import()",
			"xsbug",
			"mod",
			"Modules",
		];
		for (const name of firmware) {
			const own = words(name);
			for (const word of forbidden) assert.ok(!own.has(word), `${name}: ${word}`);
			assert.doesNotMatch(readFileSync(name, "utf8"), /^\s*debugger;/m, name);
		}
	});

	it("SEC-mod: its manifests take neither mods nor a debugger, a file transfer or a network of the SDK", () => {
		for (const name of tracked.filter((file) => /manifest\.json$/.test(file) && !file.startsWith("tests/"))) {
			const text = readFileSync(name, "utf8");
			assert.doesNotMatch(
				text,
				/"mod"|\bmods?\/|xsbug|debugger|serial2xsbug|\/wifi|\/http|\/telnet|\/mdns|ota\b/i,
				name,
			);
		}
		assert.doesNotMatch(readFileSync("hosts/esp32/partitions.csv", "utf8"), /^\s*xs\s*,/m); // where mods would stand
		assert.match(readFileSync("manifest.json", "utf8"), /"allocation"|"creation"/);
	});

	it("SEC-supply: every dependency is pinned, by version and by the hash of its content", () => {
		const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
		assert.equal(dependencies, undefined); // the firmware has none
		for (const [name, version] of Object.entries(devDependencies as Record<string, string>)) {
			assert.match(version, /^\d+\.\d+\.\d+$/, name);
		}
		const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
			packages: Record<string, { version?: string; integrity?: string; link?: boolean }>;
		};
		const locked = Object.entries(packages).filter(([path]) => path !== "");
		assert.ok(locked.length > 100);
		for (const [path, { version, integrity }] of locked) {
			assert.match(version ?? "", /^\d+\.\d+\.\d+/, path);
			assert.match(integrity ?? "", /^sha512-/, path);
		}
	});

	it("SEC-supply: the same sources give the same octets, wherever they are built", () => {
		const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "sx402-build-")));
		try {
			const [one, two] = folders.map(emitted);
			assert.equal(one, two);
			for (const name of readdirSync(folders[0]!, { recursive: true, encoding: "utf8" })) {
				if (!name.endsWith(".js")) continue;
				assert.ok(!readFileSync(join(folders[0]!, name), "utf8").includes(process.cwd()), name);
			}
		} finally {
			for (const folder of folders) rmSync(folder, { recursive: true });
		}
	}).timeout(120_000);

	it("SEC-supply: no private key is in the repository", () => {
		for (const name of tracked) {
			if (/\.(png|bin|pcapng|woff2?|cfg|dat|gz)$/.test(name)) continue;
			assert.doesNotMatch(readFileSync(name, "utf8"), /-----BEGIN (EC |RSA |OPENSSH )?PRIVATE KEY-----/, name);
		}
	});
});
