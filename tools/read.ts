// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { clients } from "../src/cosem/association/client.js";
import { DlmsClient } from "../tests/support/client/client.js";
import { asNumber, ref } from "../tests/support/client/data.js";
import { testSecurity } from "../tests/support/client/test-client.js";
import { readName } from "./read/read-name.js";

/** Reads an attribute of objects of a running meter, for a first look: `npm run read -- 0-0:42.0.0`. */
const names = clients.filter((client) => client.isAlwaysOpen !== true).map((client) => client.name);
const program = new Command("read")
	.argument("<names...>", "logical names, A-B:C.D.E")
	.addOption(new Option("--client <name>", "who reads").choices(names).default("public"))
	.addOption(new Option("--attribute <number>", "which attribute").argParser(Number).default(2))
	.addOption(new Option("--link <name>", "over which port").choices(["tcp", "optical"]).default("tcp"))
	.addOption(new Option("--host <address>").default("127.0.0.1"))
	.addOption(new Option("--port <port>", "default: 4059, of the optical port 4061").argParser(Number));

program.parse();
const options = program.opts<{
	client: string;
	attribute: number;
	link: "tcp" | "optical";
	host: string;
	port?: number;
}>();

/** Opens an association as this client, counting from `first` where it has keys. */
async function open(name: string, first: number): Promise<DlmsClient> {
	const { sap, setup } = clients.find((client) => client.name === name)!;
	const { host, link, port = link === "tcp" ? 4059 : 4061 } = options;
	const who = { host, port, clientSap: sap, ...(setup > 0 ? { security: testSecurity({ first }) } : {}) };
	const client = await (link === "tcp"
		? DlmsClient.connectTcp(who)
		: DlmsClient.connectOptical({ ...who, signOn: "modeE" }));
	await client.associate();
	return client;
}

/** The next invocation counter of a client, which anybody may read: it has to rise over all sessions with a key. */
async function nextCounter(name: string): Promise<number> {
	const { setup } = clients.find((client) => client.name === name)!;
	if (setup === 0) return 1;
	const anybody = await open("public", 1);
	const last = asNumber(await anybody.read(ref(1, `0-0:43.1.${setup - 1}.255`), 2));
	await anybody.close();
	return last + 1;
}

try {
	const client = await open(options.client, await nextCounter(options.client));
	try {
		const objects = await client.readObjectList();
		for (const short of program.args) {
			const logicalName = short.split(".").length === 4 ? short : `${short}.255`;
			const found = objects.find((object) => object.logicalName === logicalName);
			console.log(
				found === undefined
					? `${short}: not among the ${objects.length} objects of client ${options.client}`
					: `${short}  ${await readName(client, found, options.attribute)}`,
			);
		}
	} finally {
		await client.close();
	}
} catch (error) {
	console.error(`read: ${(error as Error).message}`);
	process.exitCode = 1;
}
