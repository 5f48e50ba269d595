// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { st402d } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import { clientSap } from "../support/client/test-client.js";
import { since2000_s } from "../support/since-2000.js";
import { memoryWith, type Release, readValue } from "./released-records/records.js";

const folder = new URL("../data/records/", import.meta.url);
const rtc_s = since2000_s("2026-03-10T12:00:00Z");

describe("records of earlier releases", () => {
	/** A meter with these records; its clients have counted on meanwhile. */
	function start(release: Pick<Release, "journal" | "parameters">): MeterBench {
		const bench = new MeterBench({ model: st402d, flash: memoryWith(release), rtc_s });
		bench.security(clientSap.management).counter.next = 100_000;
		bench.run(3);
		return bench;
	}

	for (const file of readdirSync(folder)) {
		const release: Release = JSON.parse(readFileSync(new URL(file, folder), "utf8"));

		it(`G5 what a meter of ${file.replace(".json", "")} has left in its memory is what a client reads of this one`, async () => {
			await start(release).with(async (client) => {
				for (const [attribute, value] of Object.entries(release.values))
					assert.equal(await readValue(client, attribute), value, attribute);
			});
		});

		it(`without its registers a meter of ${file.replace(".json", "")} has another energy: it is the records that are read`, async () => {
			const { "1": _registers, ...journal } = release.journal;
			await start({ ...release, journal }).with(async (client) =>
				assert.notEqual(await readValue(client, "3 1-0:1.8.0.255 2"), release.values["3 1-0:1.8.0.255 2"]),
			);
		});
	}
});
