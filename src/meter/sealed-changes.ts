// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../cosem/application.js";
import { profileIndex } from "../cosem/objects/profiles.js";
import { standardEvent } from "../events/event-codes.js";
import { eventLog } from "../events/event-sink.js";
import type { Metrology } from "../metrology/metrology.js";
import type { TransformerSetting } from "../metrology/registration.js";

/** A meter whose legally relevant part may be changed; only its seal decides who may. */
interface OpenMeter extends Application {
	readonly metrology: Metrology;
}

const { load1, load2, load3, load4 } = profileIndex;
const loadProfiles: readonly number[] = Object.freeze([load1, load2, load3, load4]);

function captureLoad({ profiles }: OpenMeter): void {
	for (const index of loadProfiles) profiles.capture(index);
}

/** As `Application.setTestMode`. */
export function setTestMode(meter: OpenMeter, isOn: boolean): void {
	const { metrology, demand, events } = meter;
	if (isOn === metrology.isTestMode) return;
	metrology.setTestMode(isOn);
	demand.setTestMode(isOn);
	captureLoad(meter);
	events.event(eventLog.standard, isOn ? standardEvent.testModeBegins : standardEvent.testModeEnds);
}

/** As `Application.changeRegistration`. */
export function changeRegistration(meter: OpenMeter, setting: TransformerSetting): boolean {
	const { metrology, demand, averages, profiles, clock, events } = meter;
	profiles.captureEvent(profileIndex.billing1, clock.utc_s(), 0);
	captureLoad(meter);
	demand.nextPeriod();
	const isDone = metrology.setRegistration(setting);
	averages.sliding.reset();
	if (isDone) events.event(eventLog.standard, standardEvent.registrationChanged);
	return isDone;
}
