// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import type { Data } from "../tests/support/client/axdr.js";
import { DlmsClient } from "../tests/support/client/client.js";
import { asNumber, elementsOf, ref } from "../tests/support/client/data.js";
import { clientSap, testSecurity } from "../tests/support/client/test-client.js";

/** Reads attribute 2 of objects of a running meter, for a first look: `npm run read -- 0-0:42.0.0`. */
const program = new Command("read")
	.argument("<names...>", "logical names, A-B:C.D.E")
	.addOption(new Option("--client <name>", "who reads").choices(["public", "management", "reader"]).default("public"))
	.addOption(new Option("--host <address>").default("127.0.0.1"))
	.addOption(new Option("--port <port>").argParser(Number).default(4059));

const units: Readonly<Record<number, string>> = {
	7: "s",
	8: "°",
	9: "°C",
	27: "W",
	28: "VA",
	29: "var",
	30: "Wh",
	31: "VAh",
	32: "varh",
	33: "A",
	35: "V",
	44: "Hz",
};

function dateTime(octets: Uint8Array): string {
	const two = (n: number): string => String(n).padStart(2, "0");
	const [yearHigh, yearLow, month, day, , hour, minute, second] = octets;
	return `${yearHigh! * 256 + yearLow!}-${two(month!)}-${two(day!)} ${two(hour!)}:${two(minute!)}:${two(second!)}`;
}

function show(value: Data, classId: number): string {
	if (!(value.value instanceof Uint8Array)) return JSON.stringify(value.value);
	if (classId === 8) return dateTime(value.value);
	const text = Buffer.from(value.value).toString("latin1");
	return /^[\x20-\x7e]+$/.test(text) ? text : Buffer.from(value.value).toString("hex");
}

program.parse();
const {
	client: name,
	host,
	port,
} = program.opts<{ client: "public" | "management" | "reader"; host: string; port: number }>();
const needsKeys = name !== "public";
const options = { host, port, clientSap: clientSap[name] };
const open = (first: number): Promise<DlmsClient> =>
	DlmsClient.connectTcp(needsKeys ? { ...options, security: testSecurity({ first }) } : options);

/** The next invocation counter of a client, which anybody may read: it has to rise over all sessions with a key. */
async function nextCounter(): Promise<number> {
	const anybody = await DlmsClient.connectTcp({ host, port, clientSap: clientSap.public });
	await anybody.associate();
	const last = asNumber(await anybody.read(ref(1, name === "management" ? "0-0:43.1.0.255" : "0-0:43.1.2.255"), 2));
	await anybody.close();
	return last + 1;
}

const client = await open(needsKeys ? await nextCounter() : 1);
try {
	await client.associate();
	const objects = await client.readObjectList();
	for (const short of program.args) {
		const logicalName = short.split(".").length === 4 ? short : `${short}.255`;
		const found = objects.find((object) => object.logicalName === logicalName);
		if (found === undefined) {
			console.log(`${short}: not among the ${objects.length} objects of client ${name}`);
			continue;
		}
		const value = show(await client.read(found, 2), found.classId);
		if (found.classId !== 3) {
			console.log(`${short}  ${value}`);
			continue;
		}
		const [scaler, unit] = elementsOf(await client.read(found, 3), 2).map(asNumber);
		const scaled = (Number(value) * 10 ** scaler!).toFixed(Math.max(0, -scaler!));
		console.log(`${short}  ${scaled} ${units[unit!] ?? ""}`.trimEnd());
	}
} finally {
	await client.close();
}
