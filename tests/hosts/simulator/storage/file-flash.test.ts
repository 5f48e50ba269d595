// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DataLock } from "../../../../hosts/simulator/storage/data-lock.js";
import { FileFlash } from "../../../../hosts/simulator/storage/file-flash.js";
import { MemoryFlash } from "../../../../hosts/simulator/storage/memory-flash.js";
import { StorageError } from "../../../../hosts/simulator/storage/storage-error.js";
import { DeviceError } from "../../../../src/core/device-error.js";
import { RecordLog } from "../../../../src/storage/record-log.js";
import { between, seededRandom } from "../../../storage/random.js";

const geometry = { sectorCount: 16 };

describe("flash in a file", () => {
	let folder = "";
	let path = "";

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "flash-"));
		path = join(folder, "deeper", "flash.bin");
	});

	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	const refusedWith = (code: string) => (error: unknown) =>
		error instanceof StorageError && error.code === code && error.message.includes(path);

	it("behaves like flash in memory, and keeps its content when opened again", () => {
		const random = seededRandom(4);
		const model = new MemoryFlash(16, 512);
		let flash = new FileFlash(path, { sectorCount: 16, sectorSize: 512, sync: false });
		for (let n = 0; n < 400; n++) {
			const address = between(random, 0, 16 * 512 - 700);
			const bytes = Uint8Array.from({ length: between(random, 0, 700) }, () => random() * 256);
			for (const part of [model, flash]) {
				if (n % 4 === 0) part.erase(Math.floor(address / 512));
				else part.program(address, bytes);
			}
			if (n % 50 === 0) {
				flash.close();
				flash = new FileFlash(path, { sectorCount: 16, sectorSize: 512, sync: n % 100 === 0 });
			}
			const seen = new Uint8Array(16 * 512).fill(0xa5);
			const expected = new Uint8Array(16 * 512);
			flash.read(0, seen);
			model.read(0, expected);
			assert.deepEqual(seen, expected);
		}
		assert.ok(model.statistics.violations > 0);
		flash.overwrite(5, Uint8Array.of(1, 2, 3));
		const octets = new Uint8Array(3);
		flash.read(5, octets);
		assert.deepEqual(octets, Uint8Array.of(1, 2, 3));
		flash.close();
	});

	it("is erased from the factory, and takes disk space only for what was programmed", () => {
		const flash = new FileFlash(path, { sectorCount: 16_384 });
		const octets = new Uint8Array(100);
		flash.read(4096 * 16_384 - 100, octets);
		assert.deepEqual(octets, new Uint8Array(100).fill(0xff));
		flash.program(4096 * 9000, Uint8Array.of(1));
		flash.close();
		const stat = statSync(path);
		assert.equal(stat.size, 4096 + 4096 * 16_384);
		if (process.platform === "linux") assert.ok(stat.blocks * 512 < 1_000_000, `${stat.blocks} blocks`);
	});

	it("refuses octets and sectors that are not on the part", () => {
		for (const flash of [new FileFlash(path, geometry), new MemoryFlash(16)]) {
			assert.throws(() => flash.read(16 * 4096 - 1, new Uint8Array(2)), RangeError);
			assert.throws(() => flash.program(-1, new Uint8Array(1)), RangeError);
			assert.throws(() => flash.erase(16), RangeError);
			if (flash instanceof FileFlash) flash.close();
		}
	});

	it("says which file is foreign, cut, of another size or not readable, and leaves it alone", () => {
		new FileFlash(path, geometry).close();
		assert.throws(() => new FileFlash(path, { sectorCount: 17 }), refusedWith("geometry"));
		truncateSync(path, 5000);
		assert.throws(() => new FileFlash(path, geometry), refusedWith("geometry"));
		for (const text of ["", "not a flash image at all, but a letter to somebody"]) {
			writeFileSync(path, text);
			assert.throws(() => new FileFlash(path, geometry), refusedWith("foreign"));
			assert.equal(readFileSync(path, "utf8"), text);
		}
		rmSync(path);
		const isFolder = join(folder, "deeper");
		assert.throws(
			() => new FileFlash(isFolder, geometry),
			(error) => error instanceof StorageError && error.code === "unreadable",
		);
		assert.ok(!existsSync(`${path}.lock`), "a refused file is not kept locked");
	});

	it("lets one meter at a time use it, and takes over from an owner that is gone", () => {
		const first = new FileFlash(path, geometry);
		assert.throws(() => new FileFlash(path, geometry), refusedWith("locked"));
		first.close();
		first.close();
		new FileFlash(path, geometry).close();
		const strange = [
			"4194305 1 -", // above the highest process id of Linux
			`${process.pid} 1 ${bootOfThisMachine()}`, // our id, but of a process started at another time
			`${process.pid} - another-boot`,
			"",
			"rubbish",
		];
		for (const owner of strange) {
			writeFileSync(`${path}.lock`, owner);
			new FileFlash(path, geometry).close();
			assert.ok(!existsSync(`${path}.lock`), `stale: "${owner}"`);
		}
		const lock = DataLock.take(`${path}.lock`);
		writeFileSync(`${path}.lock`, "another owner");
		lock.release();
		assert.equal(readFileSync(`${path}.lock`, "utf8"), "another owner", "releases its own lock only");
	});

	it("reports a failing disk as a refusing part", () => {
		const flash = new FileFlash(path, geometry);
		truncateSync(path, 4096 + 4096);
		assert.throws(
			() => flash.read(4096, new Uint8Array(4)),
			(error) => error instanceof DeviceError && error.part === "flash",
		);
		flash.close();
		assert.throws(
			() => flash.program(0, new Uint8Array(4)),
			(error) => error instanceof DeviceError && error.code === "refused",
		);
	});

	it("loses nothing that was acknowledged when the process is killed at any moment (G5)", async () => {
		const random = seededRandom(11);
		let expected = -1;
		for (let round = 0; round < 3; round++) {
			const { child, lines } = startWriter(path);
			const stopAfter = expected + between(random, 1, 400);
			let acknowledged = expected;
			for await (const line of lines) {
				if (line.startsWith("found")) assert.ok(Number(line.slice(6)) >= expected, line);
				else acknowledged = Number(line);
				if (acknowledged === stopAfter) child.kill("SIGKILL");
			}
			if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
			assert.equal(child.signalCode, "SIGKILL");
			assert.ok(acknowledged >= stopAfter);
			expected = acknowledged;
		}
		const flash = new FileFlash(path, geometry);
		const record = new Uint8Array(64);
		assert.equal(new RecordLog(flash, 0, 8).read(1, record), 64);
		assert.ok(new DataView(record.buffer).getUint32(0) >= expected);
		assert.equal(flash.violations, 0);
		flash.close();
	}).timeout(60_000);
});

/** Another process that writes rising numbers and tells each when it is stored. */
function startWriter(path: string): { child: ChildProcess; lines: AsyncIterable<string> } {
	const program = `
		import { FileFlash } from "./hosts/simulator/storage/file-flash.js";
		import { RecordLog } from "./src/storage/record-log.js";
		import { writeSync } from "node:fs";
		const log = new RecordLog(new FileFlash(${JSON.stringify(path)}, { sectorCount: 16 }), 0, 8);
		const record = new Uint8Array(64);
		const view = new DataView(record.buffer);
		let n = log.read(1, record) < 0 ? -1 : view.getUint32(0);
		// the pipe does not wait for who reads it, who may be slower
		const pause = new Int32Array(new SharedArrayBuffer(4));
		const tell = (text) => {
			for (;;) {
				try {
					writeSync(1, text + "\\n");
					return;
				} catch (error) {
					if (error.code !== "EAGAIN") throw error;
					Atomics.wait(pause, 0, 0, 1);
				}
			}
		};
		tell("found " + n);
		for (;;) {
			view.setUint32(0, ++n);
			log.write(1, record);
			tell(n);
		}`;
	const child = spawn(
		process.execPath,
		["--import", "./tests/ts-node.mjs", "--no-warnings", "--input-type=module", "--eval", program],
		{ stdio: ["ignore", "pipe", "inherit"] },
	);
	return { child, lines: createInterface({ input: child.stdout! }) };
}

function bootOfThisMachine(): string {
	return existsSync("/proc/sys/kernel/random/boot_id")
		? readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
		: "-";
}
