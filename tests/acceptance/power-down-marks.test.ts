// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import { Profiles } from "../../src/profile/profiles.js";
import { MeterBench } from "../events/meter-bench.js";
import { AddedProfile } from "../support/added-profile.js";
import { asNumber, asOctets, ref } from "../support/client/data.js";
import { decodeDateTime, toUnix_ms } from "../support/client/date-time.js";
import { since2000_s } from "../support/since-2000.js";

const name = "1-0:99.3.0";
const importName = "1-0:1.8.0.255";
const powerDown = 1;

/** Time, status and energy of each row. */
async function rowsOf(bench: MeterBench, profile: string): Promise<[string, number][]> {
	const { rows } = await bench.with((client) => client.readProfile(profile));
	return rows.map(([clock, status, energy]) => {
		const iso = new Date(toUnix_ms(decodeDateTime(asOctets(clock!)))).toISOString().slice(11, 19);
		return [`${iso} ${asNumber(status!).toString(16)}`, asNumber(energy!)];
	});
}

describe("a profile that marks power-down", () => {
	it("F106, 10.2: a failure over boundaries gives a row of the time at which the meter was last alive, with the registers of then", async () => {
		const bench = new MeterBench({ model: st402d, rtc_s: since2000_s("2026-03-10T09:58:00Z") });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 20, angle_deg: 0 });
		const added = new AddedProfile({
			name,
			status: AddedProfile.statusName,
			periods: [900],
			capturePeriod_s: 900,
			board: 100,
			desktop: 100,
			columns: [{ classId: 3, logicalName: 0x0100_0108_00ff, attributeIndex: 2, dataIndex: 0 }],
			markPowerDown: true,
		});
		added.addTo(bench.simulated);
		added.run(bench, 2 * 60 + 900 + 400);
		bench.cutPower(3600);
		added.addTo(bench.simulated);
		const kept = await bench.with(async (client) => asNumber(await client.read(ref(3, importName), 2)));
		added.run(bench, 900);
		const rows = await rowsOf(bench, `${name}.255`);
		const events = (await bench.entries(0)).filter(({ code }) => code === powerDown);
		const failed = new Date(events.at(-1)!.unix_s * 1000).toISOString().slice(11, 19);
		assert.ok(failed > "10:20:00" && failed <= "10:21:40", failed);
		assert.deepEqual(
			rows.map(([stamp]) => stamp),
			["10:00:00 4", "10:15:00 0", `${failed} 80`, "11:30:00 80"],
		);
		const energies = rows.map(([, energy]) => energy);
		assert.equal(energies[2], kept);
		const load_W = 4600;
		assert.ok(Math.abs(energies[2]! - energies[1]! - (load_W * 400) / 3600) < (load_W * 61) / 3600, `${energies}`);
		assert.ok(energies[3]! > kept);

		added.run(bench, 100);
		bench.cutPower(300);
		added.addTo(bench.simulated);
		added.run(bench, 900);
		const later = (await rowsOf(bench, `${name}.255`)).slice(rows.length);
		assert.deepEqual(
			later.map(([stamp]) => stamp),
			["11:45:00 80"],
			"within an interval there is no such row",
		);
	});

	it("10.2: a meter tells its profiles of a failure at its start, if it knows how long that was", () => {
		const told: number[] = [];
		const { supplyReturned } = Profiles.prototype;
		Profiles.prototype.supplyReturned = function (failed_s) {
			told.push(failed_s);
			supplyReturned.call(this, failed_s);
		};
		try {
			const rtc_s = since2000_s("2026-03-10T10:00:00Z");
			const bench = new MeterBench({ rtc_s });
			assert.deepEqual(told, []);
			bench.run(600);
			bench.cutPower(3600);
			assert.equal(told.length, 1);
			assert.ok(told[0]! > rtc_s + 500 && told[0]! <= rtc_s + 601);
			bench.run(100);
			bench.simulated.cutPower();
			bench.simulated.rtc.lose();
			bench.simulated.restorePower();
			assert.equal(told.length, 1);
		} finally {
			Profiles.prototype.supplyReturned = supplyReturned;
		}
	});
});
