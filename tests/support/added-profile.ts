// SPDX-License-Identifier: Apache-2.0
import type { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { access } from "../../src/cosem/access.js";
import { CosemProfileHost } from "../../src/cosem/bridges/profile-host.js";
import { data as dataClass } from "../../src/cosem/classes/data.js";
import { profileGeneric } from "../../src/cosem/classes/profile-generic.js";
import { register } from "../../src/cosem/classes/register.js";
import { encodeDoubleLong, encodeNull, encodeUnsigned } from "../../src/cosem/codec/axdr.js";
import { parseLogicalName } from "../../src/cosem/logical-name.js";
import type { CosemObject } from "../../src/cosem/model.js";
import { object } from "../../src/cosem/object.js";
import { indexObjects, ObjectDirectory } from "../../src/cosem/object-directory.js";
import { objectIndex } from "../../src/cosem/objects/all.js";
import { defineProfile, type ProfileRow, profileIndex } from "../../src/cosem/objects/profiles.js";
import { unit } from "../../src/cosem/unit.js";
import type { MeterApplication } from "../../src/meter/meter-application.js";
import type { CaptureColumn } from "../../src/profile/capture-column.js";
import { ProfileBuffer } from "../../src/profile/profile-buffer.js";
import { Profiles } from "../../src/profile/profiles.js";
import { RecordLog } from "../../src/storage/record-log.js";

/** A place in the table of which no meter has an object yet; the first one counts energies by its entries. */
const place = profileIndex.mbus;
const recordSectors = 4;
const rowSectors = 12;

const rights = access({ management: "R*;W3,4,8;A1,2" });

/**
 * A profile that a firmware has more than the delivered one, and a register whose value the test gives: the row of the table,
 * the machinery of profiles, the object in the directory of a running meter. What it stores is on a part of its own, so that
 * the meter beside it stays what it is.
 */
export class AddedProfile {
	/** What the register has; null-data while it has nothing. */
	value: number | null = 0;
	readonly flash = new MemoryFlash(2 * recordSectors + rowSectors);
	readonly #row: ProfileRow;
	readonly #size: "board" | "desktop";
	readonly #objects: readonly CosemObject[];
	#profiles: Profiles | undefined;

	/** The object that shows its status. */
	static readonly statusName = "0-0:128.2.0";

	/** The register. */
	static readonly column: CaptureColumn = Object.freeze({
		classId: 3,
		logicalName: parseLogicalName("0-0:128.1.0.255"),
		attributeIndex: 2,
		dataIndex: 0,
	});

	constructor(row: ProfileRow, size: "board" | "desktop" = "desktop") {
		this.#row = row;
		this.#size = size;
		this.#objects = [
			object(profileGeneric, `${row.name}.255`, rights, { profile: () => new ProfileBuffer(this.profiles, place) }),
			object(register, "0-0:128.1.0.255", rights, {
				scaler: 0,
				unit: unit.watt,
				value: (w) => (this.value === null ? encodeNull(w) : encodeDoubleLong(w, this.value)),
			}),
			object(dataClass, `${AddedProfile.statusName}.255`, rights, {
				value: (w) => encodeUnsigned(w, this.profiles.status(place)),
				maximumSize: 2,
			}),
		];
	}

	get profiles(): Profiles {
		if (this.#profiles === undefined) throw new TypeError("the profile is in no meter yet");
		return this.#profiles;
	}

	/** Puts it into a meter; to be called again after each start of it. */
	addTo({ meter }: SimulatedMeter): void {
		const application = meter.application as MeterApplication;
		const { model, clock, metrology, profileRow } = application;
		const directory = new ObjectDirectory(indexObjects([objectIndex.rows, this.#objects]), model);
		Object.assign(application, { directory, size: this.#size });
		const value = this.value;
		this.value ??= 0; // what a column takes is measured on the value that it has
		const own = defineProfile(this.#row, place);
		this.#profiles = new Profiles({
			definitions: Array.from({ length: place + 1 }, (_, n) => (n === place ? own : { ...own, logicalName: 0 })),
			size: this.#size,
			flash: this.flash,
			partitions: new Array(place + 1).fill({ firstSector: 2 * recordSectors, sectorCount: rowSectors }),
			parameters: new RecordLog(this.flash, 0, recordSectors),
			journal: new RecordLog(this.flash, recordSectors, recordSectors),
			clock,
			host: new CosemProfileHost(application, metrology),
			row: profileRow,
		});
		this.#profiles.start();
		this.value = value;
		clock.addListener(this.#profiles);
		if (clock.lastAlive_s !== undefined) this.#profiles.supplyReturned(clock.lastAlive_s);
	}

	/** What the scheduler of the meter does, once a second. */
	run({ simulated }: { readonly simulated: SimulatedMeter }, seconds: number): void {
		for (let n = 0; n < seconds; n++) {
			const now_ms = simulated.monotonic_ms() + 1000;
			simulated.runTo(now_ms);
			if (this.profiles.deadline_ms <= now_ms) this.profiles.run(now_ms);
		}
	}
}
