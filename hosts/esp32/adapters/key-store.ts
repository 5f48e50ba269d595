// SPDX-License-Identifier: Apache-2.0
import storage from "embedded:storage/key-value";

/** NVS namespace that the factory fills. NVS encryption is on (sdkconfig.defaults). */
const factoryNamespace = "factory";

/** Reads what the factory wrote; undefined for a name that is not there. Names have at most 15 characters. */
export function readFactoryValue(name: string): Uint8Array | undefined {
	const domain = storage.open({ path: factoryNamespace, mode: "r", format: "buffer" });
	try {
		const value = domain.read(name);
		return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
	} finally {
		domain.close();
	}
}
