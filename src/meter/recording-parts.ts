// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../cosem/application.js";
import type { SigningPorts } from "../cosem/bridges/entry-signature.js";
import { CosemProfileHost } from "../cosem/bridges/profile-host.js";
import { profileDefinitions } from "../cosem/objects/profiles.js";
import { EventLogs } from "../events/event-logs.js";
import type { Metrology } from "../metrology/metrology.js";
import { Profiles } from "../profile/profiles.js";
import { RowLogs } from "../profile/row-logs.js";
import type { MeterPorts } from "./meter-ports.js";
import type { Stores } from "./stores.js";

/** The meter so far. */
interface OpenMeter extends Application, SigningPorts {
	readonly metrology: Metrology;
}

export function openEventLogs(ports: MeterPorts, { clock, model }: OpenMeter, stores: Stores): EventLogs {
	const { layout, buffers, journal, parameters } = stores;
	return new EventLogs({
		flash: ports.flash,
		buffers,
		partitions: layout.eventLogs,
		journal,
		parameters,
		clock,
		monotonic: ports.clock,
		options: model.options,
	});
}

export function openRowLogs(ports: MeterPorts, { clock, profileRow }: OpenMeter, stores: Stores): RowLogs {
	const { layout, buffers } = stores;
	return new RowLogs({
		flash: ports.flash,
		partitions: layout.rowLogs,
		buffers,
		clock,
		monotonic: ports.clock,
		row: profileRow,
	});
}

/** Profiles capture what the parts before them have closed: those listen to metrology and clock first. */
export function openProfiles(ports: MeterPorts, meter: OpenMeter, stores: Stores): Profiles {
	const { size, clock, metrology, profileRow } = meter;
	const { layout, buffers, journal, parameters } = stores;
	const profiles = new Profiles({
		definitions: profileDefinitions,
		size,
		flash: ports.flash,
		buffers,
		partitions: layout.profiles,
		parameters,
		journal,
		clock,
		host: new CosemProfileHost(meter, metrology),
		row: profileRow,
	});
	clock.addListener(profiles);
	return profiles;
}
