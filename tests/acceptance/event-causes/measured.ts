// SPDX-License-Identifier: Apache-2.0
import { Ade9000Model } from "../../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { data, ref } from "../../support/client/data.js";
import { type Cause, write } from "./world.js";

const seconds = data.doubleLongUnsigned;

/** What is found at the terminals and at the housing. */
export const measuredCauses: readonly Cause[] = [
	{
		name: "covers, magnet and field, begin and end",
		codes: { 1: [40, 41, 42, 43, 44, 45, 230, 231] },
		provoke(world) {
			for (const isOn of [true, false]) {
				world.housing.set({ meterCoverOpen: isOn, terminalCoverOpen: isOn, magneticField: isOn });
				world.housing.set({ fieldStrength: isOn ? 200 : 0 });
				world.step(10);
			}
		},
	},
	{
		name: "a neutral that is lost and found under an unbalanced load",
		codes: { 0: [89], 1: [89, 232] },
		provoke(world) {
			world.phase({ voltage_V: 230, current_A: 0 });
			world.grid.change(() => {
				for (const phase of world.phases)
					world.grid.setLoad(phase, "test", { kind: "impedance", resistance_ohm: phase === 1 ? 10 : 100 });
			});
			world.step(20);
			for (const isConnected of [false, true]) {
				world.grid.setNeutralConnected(isConnected);
				world.step(20);
			}
		},
	},
	{
		name: "current without voltage, and a phase that runs backwards",
		codes: { 1: [91, 235, 236, 237] },
		async provoke(world) {
			world.phase({ current_A: 10, angle_deg: 0 });
			world.step(5);
			for (const isReversed of [true, false]) {
				world.grid.setReversed(2, isReversed);
				world.step(700);
			}
			for (const voltage_V of [10, 230]) {
				world.phase({ voltage_V }, [3]);
				world.step(15);
			}
		},
	},
	{
		name: "a cover watched from a backup supply that is used up",
		codes: { 1: [44, 234] },
		provoke(world) {
			world.simulated.cutPower();
			world.step(600);
			world.simulated.exhaustBackup();
			world.step(600);
			world.housing.set({ meterCoverOpen: true });
			world.simulated.restorePower();
			world.step(3);
		},
	},
	{
		name: "fraud that opens the switch",
		codes: { 1: [233], 2: [64] },
		async provoke(world) {
			await world.set(ref(1, "0-0:96.50.2.255"), 2, data.bitString("0100000000000000"));
			world.housing.set({ meterCoverOpen: true });
			world.step(15);
		},
	},
	{
		name: "voltage behind the open switch",
		codes: { 0: [52] },
		async provoke(world) {
			await world.invoke(ref(70, "0-0:96.3.10.255"), 1);
			world.step(15);
			world.simulated.supplySwitch!.setPole(2, { isBackFed: true });
			world.step(15);
		},
	},
	{
		name: "a front end that does not answer",
		codes: { 0: [16] },
		provoke(world) {
			const { frontEnd } = world.simulated;
			if (frontEnd instanceof Ade9000Model) frontEnd.setFaults({ deadMiso: 1 });
			world.step(60);
		},
	},
	{
		name: "more than the maximum current, and a wrong order of the phases",
		codes: { 0: [88, 240, 241] },
		provoke(world) {
			for (const current_A of [130, 5]) {
				world.phase({ current_A });
				world.step(15);
			}
			world.phase({ voltageAngle_deg: -120 }, [2]);
			world.phase({ voltageAngle_deg: 120 }, [3]);
			world.step(15);
		},
	},
	{
		name: "low, high and missing voltage in each phase",
		codes: { 4: [76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 90] },
		async provoke(world) {
			for (const phase of world.phases) {
				for (const voltage_V of [200, 260, 0]) {
					world.phase({ voltage_V }, [phase]);
					world.step(70);
					world.phase({ voltage_V: 230 }, [phase]);
					world.step(15);
				}
			}
			world.phase({ voltage_V: 200 }, [1]);
			world.step(70);
		},
	},
	{
		name: "a week with too much of it below the limit",
		codes: { 4: [92, 93, 94] },
		from: "2026-03-15T21:55:00Z", // 65 minutes before the end of a week of local standard time
		provoke(world) {
			world.phase({ voltage_V: 200 });
			world.step(3920);
		},
	},
	{
		name: "mains of another frequency",
		codes: { 4: [242, 243] },
		provoke(world) {
			for (const frequency_Hz of [50.7, 50]) {
				world.grid.setFrequency_Hz(frequency_Hz);
				world.step(30);
			}
		},
	},
	{
		name: "harmonics of voltage and current in each phase",
		codes: { 4: [230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241] },
		async provoke(world) {
			await world.manage(async (client) => {
				for (const c of [11, 12]) await write(client, ref(3, `1-0:${c}.44.124.255`), 2, seconds(60));
			});
			const fifth = (fraction: number) => (fraction === 0 ? [] : [{ order: 5, fraction }]);
			for (const [ofVoltage, ofCurrent] of [
				[0.1, 0.3],
				[0, 0],
			] as const) {
				world.phase({ current_A: 10, voltageHarmonics: fifth(ofVoltage), currentHarmonics: fifth(ofCurrent) });
				world.step(80);
			}
		},
	},
	{
		name: "a button that is stuck",
		codes: { 0: [232] },
		provoke(world) {
			world.housing.set({ serviceButton: true });
			world.step(70);
		},
	},
	{
		name: "an alarm contact at an input",
		codes: { 0: [20] },
		async provoke(world) {
			const contact = data.structure(data.enum(1), data.boolean(false), data.longUnsigned(20), data.unsigned(20));
			await world.set(ref(1, "0-0:96.51.1.255"), 2, contact);
			world.simulated.setInput(1, true);
			world.step(1);
		},
	},
];
