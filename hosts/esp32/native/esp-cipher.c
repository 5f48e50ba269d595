// SPDX-License-Identifier: Apache-2.0
// AES-GCM with a tag of 12 octets, AES key wrap (RFC 3394), hashes, ECDSA and ECDH on NIST P-256 and P-384, on Mbed TLS 4
// (ESP-IDF 6.0) through PSA. Pointers
// into JavaScript buffers stay valid here because nothing allocates in the JavaScript heap before the work is done; what
// throws has released its key and wiped its copies first.
#include <stdbool.h>
#include <string.h>
#include "xsmc.h"
#include "mbedtls/nist_kw.h"
#include "mbedtls/platform_util.h"
#include "psa/crypto.h"

enum { ivSize = 12, tagSize = 12, digestSize = 32, longestKey = 32, pieceSize = 64, blockSize = 16 };

#define gcmAlgorithm PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_GCM, tagSize)

typedef struct {
	uint8_t* bytes;
	xsUnsignedValue size;
} Buffer;

static Buffer readable(xsMachine* the, int index)
{
	void* bytes;
	Buffer buffer;
	xsmcGetBufferReadable(xsArg(index), &bytes, &buffer.size);
	buffer.bytes = bytes;
	return buffer;
}

static Buffer writable(xsMachine* the, int index)
{
	void* bytes;
	Buffer buffer;
	xsmcGetBufferWritable(xsArg(index), &bytes, &buffer.size);
	buffer.bytes = bytes;
	return buffer;
}

static void require(xsMachine* the, bool holds)
{
	if (!holds) xsRangeError("cipher: size of a buffer");
}

static bool isKeySize(xsUnsignedValue size)
{
	return size == 16 || size == longestKey;
}

static void throwOn(xsMachine* the, psa_status_t status)
{
	if (status != PSA_SUCCESS) xsUnknownError("cipher: status %d", (int)status);
}

static psa_status_t importKey(Buffer key, psa_algorithm_t algorithm, psa_key_usage_t usage, psa_key_id_t* id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status = psa_crypto_init(); // does nothing after the first time
	if (status != PSA_SUCCESS) return status;
	psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
	psa_set_key_bits(&attributes, 8 * key.size);
	psa_set_key_algorithm(&attributes, algorithm);
	psa_set_key_usage_flags(&attributes, usage);
	status = psa_import_key(&attributes, key.bytes, key.size, id);
	psa_reset_key_attributes(&attributes);
	return status;
}

// Runs `text` through the operation in place. Output may lag behind input by a block, never run ahead; each piece of
// input is copied first. On success *done is the number of octets replaced so far.
static psa_status_t update(psa_aead_operation_t* operation, Buffer text, size_t* done)
{
	uint8_t piece[pieceSize];
	psa_status_t status = PSA_SUCCESS;
	*done = 0;
	for (size_t at = 0; at < text.size && status == PSA_SUCCESS; at += pieceSize) {
		size_t size = text.size - at < pieceSize ? text.size - at : pieceSize;
		size_t produced = 0;
		memcpy(piece, text.bytes + at, size);
		status = psa_aead_update(operation, piece, size, text.bytes + *done, at + size - *done, &produced);
		*done += produced;
	}
	mbedtls_platform_zeroize(piece, sizeof(piece));
	return status;
}

static psa_status_t begin(psa_aead_operation_t* operation, bool isSeal, psa_key_id_t key, Buffer iv, Buffer aad, size_t size)
{
	psa_status_t status = isSeal ? psa_aead_encrypt_setup(operation, key, gcmAlgorithm)
		: psa_aead_decrypt_setup(operation, key, gcmAlgorithm);
	if (status == PSA_SUCCESS) status = psa_aead_set_lengths(operation, aad.size, size);
	if (status == PSA_SUCCESS) status = psa_aead_set_nonce(operation, iv.bytes, iv.size);
	if (status == PSA_SUCCESS && aad.size > 0) status = psa_aead_update_ad(operation, aad.bytes, aad.size);
	return status;
}

static psa_status_t runGcm(bool isSeal, Buffer key, Buffer iv, Buffer aad, Buffer text, Buffer tag)
{
	psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
	psa_key_id_t id = PSA_KEY_ID_NULL;
	uint8_t rest[2 * blockSize];
	size_t done = 0, restSize = 0, tagLength = 0;
	psa_status_t status = importKey(key, gcmAlgorithm, isSeal ? PSA_KEY_USAGE_ENCRYPT : PSA_KEY_USAGE_DECRYPT, &id);
	if (status == PSA_SUCCESS) status = begin(&operation, isSeal, id, iv, aad, text.size);
	if (status == PSA_SUCCESS) status = update(&operation, text, &done);
	if (status == PSA_SUCCESS) {
		status = isSeal
			? psa_aead_finish(&operation, rest, sizeof(rest), &restSize, tag.bytes, tagSize, &tagLength)
			: psa_aead_verify(&operation, rest, sizeof(rest), &restSize, tag.bytes, tagSize);
	}
	if (status == PSA_SUCCESS && done + restSize != text.size) status = PSA_ERROR_GENERIC_ERROR;
	if (status == PSA_SUCCESS) memcpy(text.bytes + done, rest, restSize);
	mbedtls_platform_zeroize(rest, sizeof(rest));
	psa_aead_abort(&operation);
	psa_destroy_key(id);
	return status;
}

static psa_status_t runGcmOfArguments(xsMachine* the, bool isSeal)
{
	Buffer key = readable(the, 0), iv = readable(the, 1), aad = readable(the, 2);
	Buffer text = writable(the, 3), tag = isSeal ? writable(the, 4) : readable(the, 4);
	require(the, isKeySize(key.size) && iv.size == ivSize && tag.size == tagSize);
	return runGcm(isSeal, key, iv, aad, text, tag);
}

void sx402_gcmSeal(xsMachine* the)
{
	throwOn(the, runGcmOfArguments(the, true));
}

void sx402_gcmOpen(xsMachine* the)
{
	psa_status_t status = runGcmOfArguments(the, false);
	if (status != PSA_SUCCESS && status != PSA_ERROR_INVALID_SIGNATURE) throwOn(the, status);
	xsmcSetBoolean(xsResult, status == PSA_SUCCESS);
}

static psa_status_t runKeyWrap(bool isWrap, Buffer wrapping, Buffer from, Buffer into)
{
	psa_key_id_t id = PSA_KEY_ID_NULL;
	size_t length = 0;
	psa_key_usage_t usage = isWrap ? PSA_KEY_USAGE_ENCRYPT : PSA_KEY_USAGE_DECRYPT;
	psa_status_t status = importKey(wrapping, PSA_ALG_ECB_NO_PADDING, usage, &id);
	if (status == PSA_SUCCESS) {
		status = isWrap
			? mbedtls_nist_kw_wrap(id, MBEDTLS_KW_MODE_KW, from.bytes, from.size, into.bytes, into.size, &length)
			: mbedtls_nist_kw_unwrap(id, MBEDTLS_KW_MODE_KW, from.bytes, from.size, into.bytes, into.size, &length);
	}
	if (status == PSA_SUCCESS && length != into.size) status = PSA_ERROR_GENERIC_ERROR;
	psa_destroy_key(id);
	return status;
}

void sx402_wrapKey(xsMachine* the)
{
	Buffer wrapping = readable(the, 0), key = readable(the, 1), into = writable(the, 2);
	require(the, isKeySize(wrapping.size) && isKeySize(key.size) && into.size == key.size + 8);
	throwOn(the, runKeyWrap(true, wrapping, key, into));
}

void sx402_unwrapKey(xsMachine* the)
{
	Buffer wrapping = readable(the, 0), wrapped = readable(the, 1), into = writable(the, 2);
	require(the, isKeySize(wrapping.size) && isKeySize(into.size) && wrapped.size == into.size + 8);
	psa_status_t status = runKeyWrap(false, wrapping, wrapped, into);
	if (status != PSA_SUCCESS && status != PSA_ERROR_INVALID_SIGNATURE) throwOn(the, status);
	xsmcSetBoolean(xsResult, status == PSA_SUCCESS);
}

void sx402_sha256(xsMachine* the)
{
	size_t length = 0;
	Buffer data = readable(the, 0), into = writable(the, 1);
	require(the, into.size == digestSize);
	psa_status_t status = psa_crypto_init();
	if (status == PSA_SUCCESS) {
		status = psa_hash_compute(PSA_ALG_SHA_256, data.bytes, data.size, into.bytes, into.size, &length);
	}
	throwOn(the, status);
}

// In the order of the table in esp-cipher.ts.
void sx402_digest(xsMachine* the)
{
	static const psa_algorithm_t algorithms[] = { PSA_ALG_MD5, PSA_ALG_SHA_1, PSA_ALG_SHA_384 };
	xsIntegerValue hash = xsmcToInteger(xsArg(0));
	size_t length = 0;
	Buffer data = readable(the, 1), into = writable(the, 2);
	require(the, hash >= 0 && hash < 3 && into.size == PSA_HASH_LENGTH(algorithms[hash]));
	psa_status_t status = psa_crypto_init();
	if (status == PSA_SUCCESS) {
		status = psa_hash_compute(algorithms[hash], data.bytes, data.size, into.bytes, into.size, &length);
	}
	throwOn(the, status);
}

enum { p256Size = 32, p384Size = 48, longestPoint = 1 + 2 * p384Size, uncompressed = 0x04 };

static bool isCurveSize(xsUnsignedValue size)
{
	return size == p256Size || size == p384Size;
}

static psa_algorithm_t signatureAlgorithm(size_t size)
{
	return size == p256Size ? PSA_ALG_ECDSA(PSA_ALG_SHA_256) : PSA_ALG_ECDSA(PSA_ALG_SHA_384);
}

// Takes a private key of `size` octets. PSA refuses zero and what is not below the order of the curve.
static psa_status_t importPrivateKey(const uint8_t* key, size_t size, psa_algorithm_t algorithm, psa_key_usage_t usage, psa_key_id_t* id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status = psa_crypto_init();
	if (status != PSA_SUCCESS) return status;
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(&attributes, 8 * size);
	psa_set_key_algorithm(&attributes, algorithm);
	psa_set_key_usage_flags(&attributes, usage);
	status = psa_import_key(&attributes, key, size, id);
	psa_reset_key_attributes(&attributes);
	return status;
}

static void toPoint(Buffer key, uint8_t point[longestPoint])
{
	point[0] = uncompressed;
	memcpy(point + 1, key.bytes, key.size);
}

// What the caller's octets can be at fault for; everything else is thrown.
static bool isRefusal(psa_status_t status)
{
	return status == PSA_ERROR_INVALID_ARGUMENT || status == PSA_ERROR_INVALID_SIGNATURE;
}

static void answer(xsMachine* the, psa_status_t status)
{
	if (status != PSA_SUCCESS && !isRefusal(status)) throwOn(the, status);
	xsmcSetBoolean(xsResult, status == PSA_SUCCESS);
}

void sx402_publicKeyOf(xsMachine* the)
{
	uint8_t point[longestPoint];
	psa_key_id_t id = PSA_KEY_ID_NULL;
	size_t length = 0;
	Buffer key = readable(the, 0), into = writable(the, 1);
	require(the, isCurveSize(key.size) && into.size == 2 * key.size);
	psa_status_t status = importPrivateKey(key.bytes, key.size, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE, &id);
	if (status == PSA_SUCCESS) {
		status = psa_export_public_key(id, point, sizeof(point), &length);
		psa_destroy_key(id);
		if (status == PSA_SUCCESS && length != 1 + into.size) status = PSA_ERROR_GENERIC_ERROR;
		if (status == PSA_SUCCESS) memcpy(into.bytes, point + 1, into.size);
	}
	answer(the, status);
}

void sx402_sign(xsMachine* the)
{
	psa_key_id_t id = PSA_KEY_ID_NULL;
	size_t length = 0;
	Buffer key = readable(the, 0), message = readable(the, 1), into = writable(the, 2);
	require(the, isCurveSize(key.size) && into.size == 2 * key.size);
	psa_algorithm_t algorithm = signatureAlgorithm(key.size);
	psa_status_t status = importPrivateKey(key.bytes, key.size, algorithm, PSA_KEY_USAGE_SIGN_MESSAGE, &id);
	if (status == PSA_SUCCESS) {
		status = psa_sign_message(id, algorithm, message.bytes, message.size, into.bytes, into.size, &length);
		psa_destroy_key(id);
		if (status == PSA_SUCCESS && length != into.size) status = PSA_ERROR_GENERIC_ERROR;
	}
	throwOn(the, status);
}

// A point that is not on the curve is refused when it is imported (SEC-curve).
void sx402_verify(xsMachine* the)
{
	uint8_t point[longestPoint];
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t id = PSA_KEY_ID_NULL;
	Buffer key = readable(the, 0), message = readable(the, 1), signature = readable(the, 2);
	require(the, key.size % 2 == 0 && isCurveSize(key.size / 2));
	psa_algorithm_t algorithm = signatureAlgorithm(key.size / 2);
	psa_status_t status = psa_crypto_init();
	if (status == PSA_SUCCESS) {
		toPoint(key, point);
		psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
		psa_set_key_algorithm(&attributes, algorithm);
		psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_MESSAGE);
		status = psa_import_key(&attributes, point, 1 + key.size, &id);
		psa_reset_key_attributes(&attributes);
	}
	if (status == PSA_SUCCESS) {
		status = psa_verify_message(id, algorithm, message.bytes, message.size, signature.bytes, signature.size);
		psa_destroy_key(id);
	}
	answer(the, status);
}

void sx402_agree(xsMachine* the)
{
	uint8_t point[longestPoint];
	psa_key_id_t id = PSA_KEY_ID_NULL;
	size_t length = 0;
	Buffer own = readable(the, 0), other = readable(the, 1), into = writable(the, 2);
	require(the, isCurveSize(own.size) && into.size == own.size && other.size == 2 * own.size);
	psa_status_t status = importPrivateKey(own.bytes, own.size, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE, &id);
	if (status == PSA_SUCCESS) {
		toPoint(other, point);
		status = psa_raw_key_agreement(PSA_ALG_ECDH, id, point, 1 + other.size, into.bytes, into.size, &length);
		psa_destroy_key(id);
		if (status == PSA_SUCCESS && length != into.size) status = PSA_ERROR_GENERIC_ERROR;
	}
	answer(the, status);
}
