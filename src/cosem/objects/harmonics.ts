// SPDX-License-Identifier: Apache-2.0
import { optionBit } from "../../models/model.js";
import { parameter } from "../../power-quality/parameters.js";
import { type DataSpec, data } from "../classes/data.js";
import { changed } from "../classes/demand-register.js";
import { type RegisterSpec, register } from "../classes/register.js";
import {
	decodeDoubleLongUnsigned,
	decodeLongUnsigned,
	encodeArray,
	encodeDoubleLongUnsigned,
	encodeLongUnsigned,
} from "../codec/axdr.js";
import type { CosemObject } from "../model.js";
import { object, onThreePhases, type Presence } from "../object.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement } from "./rights.js";

const onOrder: Presence = Object.freeze({ options: optionBit.pq });
const onOrderWithThreePhases: Presence = Object.freeze({ ...onThreePhases, options: optionBit.pq });

/** Hundredths of a percent end at the rail of a long-unsigned already where they are made. */
const percent = Object.freeze({ scaler: -2, unit: unit.percent });

/** 0 while the voltage is below half of nominal, or nothing samples. */
function voltageThd(phase: number): RegisterSpec {
	return {
		index: phase,
		value: (w, { application }, n) => encodeLongUnsigned(w, application.harmonics.voltageThd_permyriad(n)),
		...percent,
	};
}

/** 0 below 5 % of the reference current. */
function currentThd(phase: number): RegisterSpec {
	return {
		index: phase,
		value: (w, { application }, n) => encodeLongUnsigned(w, application.harmonics.currentThd_permyriad(n)),
		...percent,
	};
}

/** Of the last ten minutes. @param channel index in `ThdMean.last_permyriad` */
function averageThd(channel: number): RegisterSpec {
	return {
		index: channel,
		value(w, { application: { powerQuality } }, n) {
			powerQuality.closeDue();
			encodeLongUnsigned(w, powerQuality.thd.last_permyriad[n]!);
		},
		...percent,
	};
}

/** Times over the limit. @param channel phase from 0, plus 3 for current */
function overCount(channel: number): RegisterSpec {
	return {
		index: channel,
		value: (w, { application }, n) => encodeLongUnsigned(w, application.powerQuality.thdLimits.count(n)),
		scaler: 0,
		unit: unit.none,
	};
}

/** Limit of THD. @param kind 0 voltage, 1 current */
function limit(kind: number): RegisterSpec {
	return {
		index: parameter.thdLimit + kind,
		value: (w, { application }, n) => encodeLongUnsigned(w, application.powerQuality.parameters.value(n)),
		setValue: (r, call, n) => changed(call.application.powerQuality.parameters.set(n, decodeLongUnsigned(r)), call),
		...percent,
	};
}

/** How long THD has to be over its limit, 1..65535 s. */
function time(kind: number): RegisterSpec {
	return {
		index: parameter.thdTime + kind,
		value: (w, { application }, n) => encodeDoubleLongUnsigned(w, application.powerQuality.parameters.value(n)),
		setValue: (r, call, n) =>
			changed(call.application.powerQuality.parameters.set(n, decodeDoubleLongUnsigned(r)), call),
		scaler: 0,
		unit: unit.second,
	};
}

const longestSpectrum = 2 + 3 * 40;

/** From order 1 on; empty while the voltage is not valid. */
function voltageSpectrum(phase: number): DataSpec {
	return {
		index: phase,
		value(w, { application: { harmonics } }, n) {
			const orders = harmonics.isVoltageValid(n) ? harmonics.highestOrder : 0;
			encodeArray(w, orders);
			for (let order = 1; order <= orders; order++) {
				encodeLongUnsigned(w, harmonics.voltageHarmonic_permyriad(n, order));
			}
		},
		maximumSize: longestSpectrum,
	};
}

function currentSpectrum(phase: number): DataSpec {
	return {
		index: phase,
		value(w, { application: { harmonics } }, n) {
			const orders = harmonics.isCurrentValid(n) ? harmonics.highestOrder : 0;
			encodeArray(w, orders);
			for (let order = 1; order <= orders; order++) {
				encodeLongUnsigned(w, harmonics.currentHarmonic_permyriad(n, order));
			}
		},
		maximumSize: longestSpectrum,
	};
}

function objectsOf(phase: 1 | 2 | 3): CosemObject[] {
	const presence = phase === 1 ? onOrder : onOrderWithThreePhases;
	const u = 12 + 20 * phase;
	const i = 11 + 20 * phase;
	return [
		object(register, `1-0:${u}.7.124.255`, readByStaff, voltageThd(phase), presence),
		object(register, `1-0:${i}.7.124.255`, readByStaff, currentThd(phase), presence),
		object(register, `1-0:${u}.24.124.255`, readByStaff, averageThd(phase - 1), presence),
		object(register, `1-0:${i}.24.124.255`, readByStaff, averageThd(phase + 2), presence),
		object(register, `1-0:${u}.36.124.255`, readByStaff, overCount(phase - 1), presence),
		object(register, `1-0:${i}.36.124.255`, readByStaff, overCount(phase + 2), presence),
		object(data, `0-0:96.50.${42 + 2 * phase}.255`, readByStaff, voltageSpectrum(phase), presence),
		object(data, `0-0:96.50.${43 + 2 * phase}.255`, readByStaff, currentSpectrum(phase), presence),
	];
}

/** Harmonics and THD of voltages and currents, orders up to 40 (20 with an ADE7953). */
export const harmonicsObjects: readonly CosemObject[] = Object.freeze([
	...objectsOf(1),
	...objectsOf(2),
	...objectsOf(3),
	object(register, "1-0:12.35.124.255", writtenByManagement, limit(0), onOrder),
	object(register, "1-0:11.35.124.255", writtenByManagement, limit(1), onOrder),
	object(register, "1-0:12.44.124.255", writtenByManagement, time(0), onOrder),
	object(register, "1-0:11.44.124.255", writtenByManagement, time(1), onOrder),
]);
