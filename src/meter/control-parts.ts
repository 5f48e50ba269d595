// SPDX-License-Identifier: Apache-2.0
import { Limits } from "../control/limits.js";
import { SupplyControl } from "../control/supply-control.js";
import type { Application } from "../cosem/application.js";
import { CosemControlHost } from "../cosem/bridges/control-host.js";
import { CosemIoHost } from "../cosem/bridges/io-host.js";
import { InputsOutputs } from "../io/inputs-outputs.js";
import { IoLines } from "../io/io-lines.js";
import { IoSettings } from "../io/io-settings.js";
import type { Metrology } from "../metrology/metrology.js";
import { optionBit } from "../models/model.js";
import type { RecordStore } from "../storage/record-store.js";
import type { MeterPorts } from "./meter-ports.js";

/** The meter so far: each part stands on those opened before it. */
interface OpenMeter extends Application {
	readonly metrology: Metrology;
	readonly journal: RecordStore;
}

/** @throws RangeError where the option disconnector has no supply switch. */
export function openSupplyControl(
	ports: MeterPorts,
	meter: OpenMeter,
	parameters: RecordStore,
): SupplyControl | undefined {
	const { model, journal, events, metrology, housing } = meter;
	if ((model.options & optionBit.disconnector) === 0) return undefined;
	const relay = ports.supplySwitch;
	if (relay === undefined) throw new RangeError("option disconnector without a supply switch");
	const { clock } = ports;
	const control = new SupplyControl({ model, relay, clock, journal, parameters, events, metrology, housing });
	control.guard = meter.switching;
	return control;
}

/** Limits guard the supply switch; they look at averages, which therefore listen to metrology before them. */
export function openLimits(ports: MeterPorts, meter: OpenMeter, parameters: RecordStore): Limits | undefined {
	const { model, clock, journal, events, metrology } = meter;
	if ((model.options & optionBit.limiter) === 0) return undefined;
	const limits = new Limits({
		model,
		clock,
		monotonic: ports.clock,
		parameters,
		journal,
		events,
		sliding: meter.averages.sliding,
		metrology,
		host: new CosemControlHost(meter),
	});
	if (meter.supplyControl !== undefined) meter.supplyControl.guard = limits;
	events.limiterThreshold = () => limits.threshold(0);
	clock.addListener(limits);
	metrology.addListener(limits);
	return limits;
}

/**
 * Outputs may warn of the limits, which therefore come before them.
 * @throws RangeError where the option io has no inputs and outputs.
 */
export function openInputsOutputs(
	ports: MeterPorts,
	meter: OpenMeter,
	parameters: RecordStore,
): InputsOutputs | undefined {
	const { model, journal, events, housing, metrology } = meter;
	if ((model.options & optionBit.io) === 0) return undefined;
	if (ports.io === undefined) throw new RangeError("option io without inputs and outputs");
	const io = new InputsOutputs({
		model,
		lines: new IoLines(ports.io),
		settings: new IoSettings(parameters, model.ledConstant),
		clock: ports.clock,
		journal,
		parameters,
		events,
		housing,
		host: new CosemIoHost(meter),
	});
	io.relays.guard = meter.limits ?? meter.switching;
	metrology.addListener(io);
	return io;
}
