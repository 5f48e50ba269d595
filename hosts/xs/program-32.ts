// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** SSE2 arithmetic: the x87 unit would round doubles differently from the board and from node. */
export const flags32: readonly string[] = ["-m32", "-msse2", "-mfpmath=sse"];

/**
 * What stands in front of a 32-bit program so that it runs: nothing, or QEMU's user mode where the kernel was built without
 * 32-bit programs (Debian: qemu-user). Counts and memory are the same either way; only the time differs.
 *
 * @returns undefined where gcc cannot build such programs (Debian: gcc-multilib) or nothing runs them
 */
export function launcher32(): readonly string[] | undefined {
	const folder = mkdtempSync(join(tmpdir(), "sx402-m32-"));
	try {
		const source = join(folder, "probe.c");
		const program = join(folder, "probe");
		writeFileSync(source, '#include <stdio.h>\nint main(void) { return printf(""); }\n');
		if (spawnSync("gcc", [...flags32, source, "-o", program, "-lm"], { stdio: "ignore" }).status !== 0)
			return undefined;
		const launchers: readonly (readonly string[])[] = [[], ["qemu-i386"]];
		return launchers.find((launcher) => {
			const [command = program, ...args] = [...launcher, program];
			return spawnSync(command, args, { stdio: "ignore" }).status === 0;
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
