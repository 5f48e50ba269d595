// SPDX-License-Identifier: Apache-2.0
import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { StorageError } from "./storage-error.js";

/**
 * One process at a time uses the non-volatile memory of a meter.
 *
 * The lock is a file that names its owner: process id, start time of that process and boot of the machine, where the
 * system tells them. It outlives a killed process; an owner that no longer exists, or whose id now belongs to another
 * process, is recognised and its lock replaced.
 */
export class DataLock {
	readonly #path: string;
	readonly #owner: string;
	#isHeld = true;

	private constructor(path: string, owner: string) {
		this.#path = path;
		this.#owner = owner;
	}

	/**
	 * Takes the lock at `path`, whose folder is made if need be.
	 * @throws StorageError("locked") while another process (or another meter of this one) holds it
	 */
	static take(path: string): DataLock {
		mkdirSync(dirname(path), { recursive: true });
		const owner = describe(process.pid);
		const own = `${path}.${process.pid}`;
		writeFileSync(own, owner);
		try {
			// a hard link appears with its content or not at all
			for (let attempt = 0; attempt < 10; attempt++) {
				if (tryLink(own, path)) return new DataLock(path, owner);
				const holder = readOrNothing(path);
				if (holder === undefined) continue;
				if (isAlive(holder)) throw new StorageError("locked", `${path}: in use by process ${holder.split(" ")[0]}`);
				evict(path, holder, `${own}.stale`);
			}
			throw new StorageError("locked", `${path}: other processes are taking it`);
		} finally {
			unlinkSync(own);
		}
	}

	release(): void {
		if (!this.#isHeld) return;
		this.#isHeld = false;
		if (readOrNothing(this.#path) === this.#owner) unlinkSync(this.#path);
	}
}

function tryLink(from: string, to: string): boolean {
	try {
		linkSync(from, to);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}

/** Moves a stale lock aside; should another process have replaced it in the meantime, gives that one its lock back. */
function evict(path: string, stale: string, aside: string): void {
	try {
		renameSync(path, aside);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
		throw error;
	}
	if (readFileSync(aside, "utf8") !== stale) tryLink(aside, path);
	unlinkSync(aside);
}

function readOrNothing(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}

/** `pid start boot`; start and boot are `-` where the system does not tell them (not Linux). */
function describe(pid: number): string {
	return `${pid} ${startOf(pid)} ${bootId()}`;
}

function isAlive(holder: string): boolean {
	const [pid, start, boot] = holder.split(" ");
	const number = Number(pid);
	if (!Number.isInteger(number) || number < 1) return false;
	if (boot !== bootId()) return false;
	try {
		process.kill(number, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
	}
	return start === "-" || start === startOf(number);
}

function startOf(pid: number): string {
	try {
		// field 22 of proc_pid_stat(5), counted behind the name, which may contain anything
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
	} catch {
		return "-";
	}
}

function bootId(): string {
	try {
		return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
	} catch {
		return "-";
	}
}
