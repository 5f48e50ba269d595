// SPDX-License-Identifier: Apache-2.0

import { areEqual } from "../../core/equal-octets.js";
import { optionBit } from "../../models/model.js";
import { securityClass } from "../class-ids.js";
import {
	decodeArray,
	decodeEnum,
	decodeOctetString,
	decodeStructure,
	encodeEnum,
	encodeOctetString,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import { wrapOverhead } from "../security/message-keys.js";
import { securityControl, titleLength } from "../security/protection.js";
import { securityEvent } from "../security/security-event.js";
import { keyId, numberOfKeys, policyBit, type SecuritySetupState } from "../security/security-setup-state.js";
import {
	agreeOnKeys,
	exportOne,
	generateKeyPair,
	generateRequest,
	importOne,
	listCertificates,
	removeOne,
} from "./security-setup-certificates.js";

export interface SecuritySetupSpec {
	/** Value group E of 0-0:43.0.E: 1..6, 0 that of the caller. */
	readonly setup: number;
}

const knownPolicyBits =
	policyBit.authenticatedRequest |
	policyBit.encryptedRequest |
	policyBit.authenticatedResponse |
	policyBit.encryptedResponse;
const signingPolicyBits = policyBit.signedRequest | policyBit.signedResponse;
/** What the values 0 to 3 of version 0 mean in version 1, whose bits 0 and 1 have no meaning. */
const policiesOfVersion0 = Object.freeze([0, 0x24, 0x48, 0x6c] as const);

function stateOf(call: Call, spec: SecuritySetupSpec): SecuritySetupState {
	return call.application.security.setup(spec.setup === 0 ? call.association.client.setup : spec.setup);
}

/** security_activate: the policy can be raised, never lowered (SEC-down). Takes the values of version 0 as well. */
function activate(r: Reader, call: Call, spec: SecuritySetupSpec): number {
	const value = decodeEnum(r);
	const policy = policiesOfVersion0[value] ?? value;
	const state = stateOf(call, spec);
	const known = knownPolicyBits | (state.suite === 0 ? 0 : signingPolicyBits);
	if ((policy & ~known) !== 0 || (policy & state.policy) !== state.policy) return dataAccessResult.otherReason;
	if (policy === state.policy) return dataAccessResult.success;
	if (!canMeet(policy & ~state.policy, call, state)) return dataAccessResult.otherReason;
	state.changePolicy(policy);
	call.application.protectedParameterChanged();
	call.application.security.report(securityEvent.policyChanged, state.number);
	return dataAccessResult.success;
}

/**
 * Client and meter have the certificates that the added bits need; without them nobody could speak to the meter any more,
 * and the policy could never be lowered.
 */
function canMeet(added: number, call: Call, state: SecuritySetupState): boolean {
	if ((added & signingPolicyBits) === 0) return true;
	const keys = call.application.security.publicKeys(state.suite, call.association.home, call.application);
	if ((added & policyBit.signedRequest) !== 0 && !keys.canVerify(state.clientSystemTitle)) return false;
	return (added & policyBit.signedResponse) === 0 || keys.canSign();
}

/**
 * key_transfer: keys wrapped under the master key (RFC 3394), all of them or none. They come into force with the
 * response, which still goes out under the old ones. Under another master key it is an event (SEC-kek).
 */
function transferKeys(r: Reader, call: Call, spec: SecuritySetupSpec): number {
	const both = securityControl.authenticated | securityControl.encrypted;
	if ((call.association.home.requestControl & both) !== both) return dataAccessResult.scopeOfAccessViolated;
	const state = stateOf(call, spec);
	const keys: (Uint8Array | undefined)[] = new Array(numberOfKeys).fill(undefined);
	const count = decodeArray(r);
	let result: number = count === 0 ? dataAccessResult.otherReason : dataAccessResult.success;
	for (let n = 0; n < count; n++) {
		decodeStructure(r, 2);
		const id = decodeEnum(r);
		const wrapped = decodeOctetString(r);
		if (result !== dataAccessResult.success) continue; // the rest must still be of the right type
		const old = id < numberOfKeys ? state.key(id) : undefined;
		if (old === undefined || keys[id] !== undefined || state.isPending(id)) result = dataAccessResult.otherReason;
		else if (wrapped.length !== old.length + wrapOverhead) result = dataAccessResult.otherReason;
		else {
			const key = new Uint8Array(old.length);
			const isRight = call.association.home.cipher.unwrapKey(state.key(keyId.master), wrapped, key);
			if (!isRight) call.application.security.report(securityEvent.decipheringFailure, state.number);
			if (!isRight || areEqual(key, old)) result = dataAccessResult.otherReason;
			keys[id] = key;
		}
	}
	if (result === dataAccessResult.success) {
		state.replaceKeys(keys);
		call.application.protectedParameterChanged();
		call.application.security.report(securityEvent.keysChanged, state.number);
	} else {
		for (let id = 0; id < numberOfKeys; id++) keys[id]?.fill(0);
	}
	return result;
}

/**
 * The suite can be raised, never lowered (SEC-down), and only as far as the present keys reach: suite 2 needs keys of
 * 32 octets, which a meter has from the factory or not at all (docs/decisions/0015).
 */
function raiseSuite(r: Reader, call: Call, spec: SecuritySetupSpec): number {
	const suite = decodeEnum(r);
	const state = stateOf(call, spec);
	if (suite !== state.suite) {
		const hasOption = (call.application.model.options & optionBit.suite1) !== 0;
		if (suite !== 1 || state.suite !== 0 || !hasOption) return dataAccessResult.otherReason;
		state.changeSuite(suite);
		call.application.security.report(securityEvent.policyChanged, state.number);
	}
	call.application.protectedParameterChanged();
	return dataAccessResult.success;
}

/** Security setup, class_id 64, version 1 (Blue Book 4.4.7). */
export const securitySetup = defineClass<SecuritySetupSpec>({
	classId: securityClass,
	version: 1,
	attributes: [
		{ id: 2, name: "securityPolicy", encode: (w, call, spec) => encodeEnum(w, stateOf(call, spec).policy) },
		{
			id: 3,
			name: "securitySuite",
			encode: (w, call, spec) => encodeEnum(w, stateOf(call, spec).suite),
			set: raiseSuite,
		},
		{
			id: 4,
			name: "clientSystemTitle",
			encode: (w, call, spec) => encodeOctetString(w, stateOf(call, spec).clientSystemTitle),
			set(r, call, spec) {
				const title = decodeOctetString(r);
				if (title.length !== titleLength) return dataAccessResult.otherReason;
				stateOf(call, spec).changeClientSystemTitle(title);
				call.application.protectedParameterChanged();
				return dataAccessResult.success;
			},
		},
		{
			id: 5,
			name: "serverSystemTitle",
			encode: (w, call) => encodeOctetString(w, call.application.identity.systemTitle),
		},
		{ id: 6, name: "certificates", elements: (call, spec) => listCertificates(call, stateOf(call, spec)) },
	],
	methods: [
		{ id: 1, name: "securityActivate", invoke: (r, _w, call, spec) => activate(r, call, spec) },
		{ id: 2, name: "keyTransfer", invoke: (r, _w, call, spec) => transferKeys(r, call, spec) },
		{ id: 3, name: "keyAgreement", invoke: (r, w, call, spec) => agreeOnKeys(r, w, call, stateOf(call, spec)) },
		{ id: 4, name: "generateKeyPair", invoke: (r, _w, call, spec) => generateKeyPair(r, call, stateOf(call, spec)) },
		{
			id: 5,
			name: "generateCertificateRequest",
			invoke: (r, w, call, spec) => generateRequest(r, w, call, stateOf(call, spec)),
		},
		{ id: 6, name: "importCertificate", invoke: (r, _w, call, spec) => importOne(r, call, stateOf(call, spec)) },
		{ id: 7, name: "exportCertificate", invoke: (r, w, call, spec) => exportOne(r, w, call, stateOf(call, spec)) },
		{ id: 8, name: "removeCertificate", invoke: (r, _w, call, spec) => removeOne(r, call, stateOf(call, spec)) },
	],
});
