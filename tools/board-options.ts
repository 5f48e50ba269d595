// SPDX-License-Identifier: Apache-2.0
// node --import ./tests/ts-node.mjs tools/board-options.ts: what mcconfig has to be told about the firmware on its
// command line: version, and checksums of both parts over the sources that are being built.
import { fileURLToPath, pathToFileURL } from "node:url";
import { firmwareParts, packageVersion } from "../hosts/simulator/identity.js";

/** `name=value` for each option; the same checksums as those of a simulator from the same sources. */
export function boardOptions(): string[] {
	const { metrology, application } = firmwareParts();
	const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
	return [
		`version=${packageVersion}`,
		`metrologyChecksum=${hex(metrology.checksum)}`,
		`applicationChecksum=${hex(application.checksum)}`,
	];
}

if (pathToFileURL(process.argv[1] ?? "").href === import.meta.url) {
	process.chdir(fileURLToPath(new URL("../", import.meta.url)));
	console.log(boardOptions().join(" "));
}
