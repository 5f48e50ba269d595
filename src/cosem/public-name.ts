// SPDX-License-Identifier: Apache-2.0
import { type Call, clientIndex } from "./model.js";

/** Whether who asks is told which meter this is: everybody, or everybody but the public client, as it was ordered (SEC-id). */
export function isTold({ application, association }: Call): boolean {
	return !application.security.hidesName || association?.client.index !== clientIndex.public;
}
