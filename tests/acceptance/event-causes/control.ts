// SPDX-License-Identifier: Apache-2.0
import { data, ref } from "../../support/client/data.js";
import { type Cause, call, type World, write } from "./world.js";

const watt = data.doubleLongUnsigned;
const mainSwitch = ref(70, "0-0:96.3.10.255");
const limiter = ref(71, "0-0:17.0.0.255");
const relay = (n: number) => ref(70, `0-${n}:96.3.10.255`);
const instantaneous = data.structure(
	data.longUnsigned(3),
	data.octetString(Uint8Array.of(1, 0, 1, 7, 0, 255)),
	data.integer(2),
);

function hold(world: World, seconds: number): void {
	world.housing.set({ serviceButton: true });
	world.step(seconds);
	world.housing.set({ serviceButton: false });
	world.step(15);
}

/** 3 kW for ten seconds, in a mode that reconnects by itself after another ten. */
async function limit(world: World): Promise<void> {
	await world.manage(async (client) => {
		await write(client, limiter, 2, instantaneous);
		await write(client, limiter, 4, watt(3000));
		await write(client, limiter, 6, watt(10));
		await write(client, limiter, 7, watt(10));
		await write(client, mainSwitch, 4, data.enum(6));
	});
}

/** What limiter, switch and relays do. */
export const controlCauses: readonly Cause[] = [
	{
		name: "remote and manual operation of the switch",
		codes: { 2: [59, 60, 61, 62, 63], 8: [62, 63] },
		async provoke(world) {
			for (const method of [1, 2]) {
				await world.invoke(mainSwitch, method);
				world.step(15);
			}
			await world.set(mainSwitch, 4, data.enum(1));
			await world.invoke(mainSwitch, 1);
			world.step(15);
			await world.invoke(mainSwitch, 2); // ready
			world.step(15);
			hold(world, 4);
			hold(world, 4);
		},
	},
	{
		name: "a limit that is exceeded more often than a day allows",
		codes: { 2: [64, 65, 66, 67, 69, 242] },
		async provoke(world) {
			await limit(world);
			await world.set(
				ref(1, "0-0:96.50.3.255"),
				2,
				data.structure(data.unsigned(1), data.unsigned(0), data.boolean(false)),
			);
			world.phase({ current_A: 4000 / 690 });
			world.step(90);
		},
	},
	{
		name: "an emergency profile",
		codes: { 2: [237, 238] },
		async provoke(world) {
			await world.manage(async (client) => {
				await write(client, limiter, 5, watt(1000));
				await write(client, limiter, 9, data.array(data.longUnsigned(5)));
				const now = data.octetString(new Uint8Array(12).fill(0xff));
				await write(client, limiter, 8, data.structure(data.longUnsigned(5), now, watt(30)));
			});
			world.step(40);
		},
	},
	{
		name: "supervision of the phases",
		codes: { 2: [70, 71, 72, 73, 74, 75] },
		async provoke(world) {
			await world.set(mainSwitch, 4, data.enum(0)); // it stays closed
			for (const c of [31, 51, 71]) await world.set(ref(21, `1-1:${c}.4.0.255`), 2, data.array(data.longUnsigned(500)));
			for (const current_A of [1, 6, 1]) {
				world.phase({ current_A });
				world.step(125);
			}
		},
	},
	{
		name: "a pole that is welded",
		codes: { 2: [68] },
		async provoke(world) {
			world.simulated.supplySwitch!.setPole(1, { fault: "welded" });
			await world.invoke(mainSwitch, 1);
			world.step(30);
		},
	},
	{
		name: "a switch that has come to the end of its rated operations",
		codes: { 2: [243] },
		async provoke(world) {
			const { record } = world.simulated.meter.application.supplyControl!;
			// eight thousand operations take a day of virtual time: the count begins just below
			record.operations = 7999;
			record.save();
			await world.invoke(mainSwitch, 1);
			world.step(15);
		},
	},
	{
		name: "remote operation of the relays",
		codes: { 2: [224, 225, 226, 227, 228, 229], 8: [224, 225, 226, 227, 228, 229] },
		async provoke(world) {
			for (const n of [1, 2, 3])
				for (const method of [1, 2]) {
					await world.invoke(relay(n), method);
					world.step(15);
				}
		},
	},
	{
		name: "local operation of the relays, by the button",
		codes: { 2: [230, 231, 232, 233, 234, 235] },
		async provoke(world) {
			for (const n of [1, 2, 3]) await world.set(relay(n), 4, data.enum(1));
			hold(world, 4);
			hold(world, 4);
		},
	},
	{
		name: "relays that do not follow",
		codes: { 2: [244, 245, 246] },
		async provoke(world) {
			for (const n of [1, 2, 3]) {
				world.simulated.io!.setRelay(n, { fault: "welded" });
				await world.invoke(relay(n), 1);
			}
			world.step(15);
		},
	},
	{
		name: "calendars of tariffs, switch and loads, programmed and activated",
		codes: { 0: [9, 19, 97, 98], 2: [95, 96] },
		async provoke(world) {
			for (const b of [0, 1, 2]) {
				await world.manage(async (client) => {
					const calendar = ref(20, `0-${b}:13.0.0.255`);
					await write(client, calendar, 6, data.octetString("new"));
					await call(client, calendar, 1);
				});
			}
			world.step(3);
		},
	},
];
