// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Simulator, startSimulator } from "../../../hosts/simulator/start.js";
import { since2000_s } from "../../support/since-2000.js";

const run = promisify(execFile);

describe("npm run read", () => {
	let meter: Simulator;
	before(async () => {
		meter = await startSimulator({
			model: "ST402D",
			tcp: 0,
			optical: 0,
			speed: 1,
			clock_s: since2000_s(Date.UTC(2026, 2, 1, 12)),
		});
	});
	after(() => meter.close());

	function read(...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
		const options = ["--import", "./tests/ts-node.mjs", "--no-warnings", "tools/read.ts"];
		return run(process.execPath, [...options, ...words]);
	}

	it("shows text, a time, a register with its unit, and what the client does not know", async () => {
		const { stdout } = await read("--port", String(meter.tcp), "0-0:42.0.0", "0-0:1.0.0", "1-0:32.7.0");
		assert.match(stdout, /^0-0:42\.0\.0 {2}SXF[0-9]{13}$/m);
		assert.match(stdout, /^0-0:1\.0\.0 {2}2026-03-01 \d\d:00:0\d$/m);
		assert.match(stdout, /^1-0:32\.7\.0: not among the \d+ objects of client public$/m);
	});

	it("reads as the technician over the optical port in mode E, any attribute, twice in a row", async () => {
		const port = ["--client", "technician", "--link", "optical", "--port", String(meter.optical)];
		const { stdout } = await read(...port, "1-0:32.7.0", "1-0:1.8.0");
		assert.match(stdout, /^1-0:32\.7\.0 {2}\d+\.\d V$/m);
		assert.match(stdout, /^1-0:1\.8\.0 {2}\d+(\.\d+)? Wh$/m);
		const again = await read(...port, "--attribute", "3", "1-0:1.8.0");
		assert.match(again.stdout, /^1-0:1\.8\.0 {2}\[-?\d+, 30\]$/m);
	});

	it("ends with one line and code 1 when nobody answers", async () => {
		await assert.rejects(read("--port", "1", "0-0:42.0.0"), (error: { code?: number; stderr?: string }) => {
			assert.equal(error.code, 1);
			assert.match(error.stderr!, /^read: [^\n]+\n$/);
			return true;
		});
	});
});
