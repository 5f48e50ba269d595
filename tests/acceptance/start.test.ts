// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCommandLine } from "../../hosts/simulator/options.js";
import { StartError } from "../../hosts/simulator/start-error.js";
import { runSimulator, SimulatorProcess } from "../support/simulator-process.js";

/** One clear line, nothing that looks like a stack trace, exit code 2. */
function assertRefused(ended: { code: number | null; stdout: string; stderr: string }, wording: RegExp): void {
	assert.equal(ended.code, 2, ended.stderr);
	assert.match(ended.stderr, wording);
	assert.equal(ended.stderr.trimEnd().split("\n").length, 1, ended.stderr);
	assert.doesNotMatch(ended.stderr, /\n\s+at /);
	assert.equal(ended.stdout, "");
}

describe("starting the simulator", () => {
	let folder: string;
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "sx402-start-"));
	});
	after(() => rmSync(folder, { recursive: true, force: true }));

	it("knows the flags of the command line and their defaults", () => {
		const options = parseCommandLine([]);
		assert.deepEqual(options, {
			model: "ST402D",
			nominalVoltage_V: undefined,
			nominalFrequency_Hz: undefined,
			withoutOptions: [],
			tcp: 4059,
			optical: 4061,
			rs485: undefined,
			panel: 8080,
			host: "127.0.0.1",
			data: ".meter/ST402D",
			fresh: false,
			fram: false,
			seed: 1,
			isRepeatable: false,
			suite: 0,
			mechanisms: {},
			clientTitles: {},
			shortestChallenge: 8,
			isAnonymous: false,
			programming: false,
			sum: "vector",
			switching: undefined,
			apparent: "rms",
			relays: undefined,
			clock_s: undefined,
			speed: 1,
			gear: "phasor",
			waveform: undefined,
			capture: undefined,
			json: false,
		});
		const line =
			"--model SM402D --tcp 1 --optical 2 --no-panel --host ::1 --data d --fresh --seed 7 --speed max --json";
		const given = parseCommandLine([
			...line.split(" "),
			"--clock",
			"2026-03-29T00:59:59Z",
			"--waveform",
			"x.cfg",
			"--capture",
			"y",
		]);
		assert.equal(given?.panel, false);
		assert.equal(given?.capture, "y");
		assert.equal(given?.speed, Infinity);
		assert.equal(given?.isRepeatable, true);
		assert.equal(given?.clock_s, Date.UTC(2026, 2, 29, 0, 59, 59) / 1000 - 946_684_800);
	});

	for (const wrong of [
		["--modell", "ST402D"],
		["--model", "ST402X"],
		["--tcp", "70000"],
		["--tcp", "12a"],
		["--optical", ""],
		["--panel"],
		["--seed", "-1"],
		["--seed", "1.5"],
		["--clock", "yesterday"],
		["--clock", "1999-01-01T00:00:00Z"],
		["--speed", "fast"],
		["--speed", "-1"],
		["--host", ""],
		["--voltage", "high"],
		["--frequency", "55"],
		["surplus"],
	]) {
		it(`refuses ${JSON.stringify(wrong.join(" "))} in one line`, () => {
			assert.throws(
				() => parseCommandLine(wrong),
				(error) => error instanceof StartError && !error.message.includes("\n"),
			);
		});
	}

	it("F01 ends with one clear line and exit code 2 for a wrong flag, a data folder of another model, a broken recording", async () => {
		writeFileSync(join(folder, "file"), "");
		writeFileSync(join(folder, "broken.cfg"), "station,1,1999\n3,2A,1D\n");
		writeFileSync(join(folder, "broken.dat"), "");
		writeFileSync(join(folder, "factory.json"), '{"model":"SM402D","serialNumber":1}');
		const quiet = ["--tcp", "0", "--optical", "0", "--no-panel"];
		const [flag, notFolder, other, recording, absent] = await Promise.all([
			runSimulator(["--wrong"]),
			runSimulator([...quiet, "--data", join(folder, "file")]),
			runSimulator([...quiet, "--data", folder]),
			runSimulator([...quiet, "--data", join(folder, "a"), "--waveform", join(folder, "broken.cfg")]),
			runSimulator([...quiet, "--data", join(folder, "b"), "--waveform", join(folder, "absent.cfg")]),
		]);
		assertRefused(flag, /--wrong/);
		assertRefused(notFolder, /file/);
		assertRefused(other, /SM402D/);
		assertRefused(recording, /broken\.cfg/);
		assertRefused(absent, /absent\.cfg/);
	}).timeout(60_000);

	it("names the port that is occupied, and the folder that is in use", async () => {
		const occupant = createServer().listen(0, "127.0.0.1");
		await new Promise((resolve) => occupant.once("listening", resolve));
		const { port } = occupant.address() as { port: number };
		const data = join(folder, "used");
		const running = await SimulatorProcess.start(["--no-panel", "--data", data]);
		try {
			const [tcp, optical, panel, used] = await Promise.all([
				runSimulator(["--tcp", `${port}`, "--optical", "0", "--no-panel", "--data", join(folder, "c")]),
				runSimulator(["--tcp", "0", "--optical", `${port}`, "--no-panel", "--data", join(folder, "d")]),
				runSimulator(["--tcp", "0", "--optical", "0", "--panel", `${port}`, "--data", join(folder, "e")]),
				runSimulator(["--tcp", "0", "--optical", "0", "--no-panel", "--data", data]),
			]);
			assertRefused(tcp, new RegExp(`--tcp.*${port}`));
			assertRefused(optical, new RegExp(`--optical.*${port}`));
			assertRefused(panel, new RegExp(`--panel.*${port}`));
			assertRefused(used, /in use/);
		} finally {
			assert.equal(await running.stop(), 0);
			occupant.close();
		}
	}).timeout(60_000);

	it("F03 SEC-test prints one JSON line with --json and never a key in it; the keys are labelled in text mode", async () => {
		const help = await runSimulator(["--help"]);
		assert.equal(help.code, 0);
		for (const name of [
			"model",
			"tcp",
			"optical",
			"panel",
			"no-panel",
			"host",
			"data",
			"fresh",
			"seed",
			"clock",
			"speed",
		])
			assert.match(help.stdout, new RegExp(`--${name}\\b`));
		const running = await SimulatorProcess.start([
			"--model",
			"SM402D",
			"--no-panel",
			"--data",
			join(folder, "f"),
			"--seed",
			"5",
		]);
		try {
			const { ready } = running;
			assert.equal(ready.model, "SM402D");
			assert.match(ready.logicalDeviceName, /^SXF10203\d{8}$/);
			assert.match(ready.systemTitle, /^53584666[0-9A-F]{8}$/);
			assert.doesNotMatch(JSON.stringify(ready).toLowerCase(), /000102030405060708090a0b0c0d0e0f|d0d1d2d3/);
		} finally {
			await running.stop();
		}
	}).timeout(60_000);
});
