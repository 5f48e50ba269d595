// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FirmwarePart } from "../../src/cosem/application.js";
import { type DeviceIdentity, identityOf } from "../../src/models/identity.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import { SeededRandom } from "./random.js";

/** FLAG identification of the maker, a parameter of the build. */
export const flagId = "SXF";

/** Serial number and names as the factory would give them: eight digits drawn from the seed. */
export function manufacture(model: ModelDescriptor, seed: number): DeviceIdentity {
	const draw = new Uint8Array(4);
	new SeededRandom(seed, "serial number").fill(draw);
	return identityOf(model, flagId, new DataView(draw.buffer).getUint32(0) % 100_000_000);
}

const sourceFolder = fileURLToPath(new URL("../../src/", import.meta.url));

/** All files below the folders, by name, so that the checksum is the same on every machine. */
function checksum(folders: readonly string[]): Uint8Array {
	const hash = createHash("sha256");
	for (const folder of folders) {
		const files = readdirSync(sourceFolder + folder, { recursive: true, encoding: "utf8" })
			.map((file) => file.replaceAll("\\", "/"))
			.filter((file) => file.endsWith(".ts"))
			.sort();
		for (const file of files) {
			hash.update(`${folder}/${file}\0`);
			hash.update(readFileSync(`${sourceFolder}${folder}/${file}`, "utf8").replaceAll("\r\n", "\n"));
		}
	}
	return new Uint8Array(hash.digest());
}

/** Folders of the legally relevant part: measurement and what it rests on. */
const metrologyFolders = ["metrology", "drivers"];

function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Version of the firmware, "1.2.3". */
export const packageVersion: string = JSON.parse(
	readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
).version;

/** Version and checksum of both parts of the firmware, over the sources that run. */
export function firmwareParts(): { metrology: FirmwarePart; application: FirmwarePart } {
	const applicationFolders = readdirSync(sourceFolder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && !metrologyFolders.includes(entry.name))
		.map((entry) => entry.name)
		.sort();
	return {
		metrology: { identifier: ascii(`SX402M ${packageVersion}`), checksum: checksum(metrologyFolders) },
		application: { identifier: ascii(`SX402A ${packageVersion}`), checksum: checksum(applicationFolders) },
	};
}
