/*
 * What pierdat hashes with when it is built without HTTPS (-p:PierDatHttps=false): OpenSSL's SHA-1 and SHA-256 alone, which use the
 * processor's instructions, behind the names by which .NET calls them (System.Security.Cryptography.Native, pal_evp.h and pal_hmac.h).
 * Linked first, it takes the place of .NET's own. Nothing else of OpenSSL is there, and no Brotli: nobody is asked for it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { Block = 64, Longest = 32 };

struct kind { int32_t size; };

static const struct kind Sha1 = {20}, Sha256 = {32};

struct hash
{
    const struct kind* kind;
    union { SHA_CTX sha1; SHA256_CTX sha256; } state;
};

struct mac { struct hash inner, outer, now; };

static void begin(struct hash* hash, const struct kind* kind)
{
    hash->kind = kind;
    if (kind == &Sha1) SHA1_Init(&hash->state.sha1); else SHA256_Init(&hash->state.sha256);
}

static void add(struct hash* hash, const void* bytes, size_t count)
{
    if (hash->kind == &Sha1) SHA1_Update(&hash->state.sha1, bytes, count); else SHA256_Update(&hash->state.sha256, bytes, count);
}

static int32_t end(const struct hash* hash, uint8_t* digest)
{
    struct hash copy = *hash;
    if (copy.kind == &Sha1) SHA1_Final(digest, &copy.state.sha1); else SHA256_Final(digest, &copy.state.sha256);
    return copy.kind->size;
}

static void key_of(struct mac* mac, const uint8_t* key, int32_t length, const struct kind* kind)
{
    uint8_t padded[Block] = {0}, inner[Block], outer[Block];
    if (length > Block)
    {
        begin(&mac->now, kind);
        add(&mac->now, key, (size_t)length);
        end(&mac->now, padded);
    }
    else if (length > 0)
    {
        memcpy(padded, key, (size_t)length);
    }
    for (int at = 0; at < Block; at++)
    {
        inner[at] = padded[at] ^ 0x36;
        outer[at] = padded[at] ^ 0x5c;
    }
    begin(&mac->inner, kind);
    add(&mac->inner, inner, Block);
    begin(&mac->outer, kind);
    add(&mac->outer, outer, Block);
    mac->now = mac->inner;
}

static int32_t mac_end(const struct mac* mac, uint8_t* digest)
{
    uint8_t inner[Longest];
    struct hash outer = mac->outer;
    add(&outer, inner, (size_t)end(&mac->now, inner));
    return end(&outer, digest);
}

/* Digests: 1 is success. */
const void* CryptoNative_EvpSha1(void) { return &Sha1; }
const void* CryptoNative_EvpSha256(void) { return &Sha256; }
const void* CryptoNative_EvpMd5(void) { return NULL; }
const void* CryptoNative_EvpSha384(void) { return NULL; }
const void* CryptoNative_EvpSha512(void) { return NULL; }
const void* CryptoNative_EvpSha3_256(void) { return NULL; }
const void* CryptoNative_EvpSha3_384(void) { return NULL; }
const void* CryptoNative_EvpSha3_512(void) { return NULL; }
const void* CryptoNative_EvpShake128(void) { return NULL; }
const void* CryptoNative_EvpShake256(void) { return NULL; }
int32_t CryptoNative_EvpMdSize(const struct kind* kind) { return kind->size; }
int32_t CryptoNative_GetMaxMdSize(void) { return Longest; }

struct hash* CryptoNative_EvpMdCtxCreate(const struct kind* kind)
{
    struct hash* hash = kind ? malloc(sizeof *hash) : NULL;
    if (hash) begin(hash, kind);
    return hash;
}

void CryptoNative_EvpMdCtxDestroy(struct hash* hash) { free(hash); }

int32_t CryptoNative_EvpDigestReset(struct hash* hash, const struct kind* kind) { begin(hash, kind); return 1; }

int32_t CryptoNative_EvpDigestUpdate(struct hash* hash, const void* bytes, int32_t count) { add(hash, bytes, (size_t)count); return 1; }

int32_t CryptoNative_EvpDigestCurrent(const struct hash* hash, uint8_t* digest, uint32_t* size) { *size = (uint32_t)end(hash, digest); return 1; }

int32_t CryptoNative_EvpDigestFinalEx(struct hash* hash, uint8_t* digest, uint32_t* size) { return CryptoNative_EvpDigestCurrent(hash, digest, size); }

int32_t CryptoNative_EvpDigestOneShot(const struct kind* kind, const void* bytes, int32_t count, uint8_t* digest, uint32_t* size)
{
    struct hash hash;
    if (!kind) return 0;
    begin(&hash, kind);
    add(&hash, bytes, (size_t)count);
    return CryptoNative_EvpDigestCurrent(&hash, digest, size);
}

/* HMAC (RFC 2104). */
struct mac* CryptoNative_HmacCreate(const uint8_t* key, int32_t length, const struct kind* kind)
{
    struct mac* mac = kind ? malloc(sizeof *mac) : NULL;
    if (mac) key_of(mac, key, length, kind);
    return mac;
}

void CryptoNative_HmacDestroy(struct mac* mac) { free(mac); }

int32_t CryptoNative_HmacReset(struct mac* mac) { mac->now = mac->inner; return 1; }

int32_t CryptoNative_HmacUpdate(struct mac* mac, const uint8_t* bytes, int32_t count) { add(&mac->now, bytes, (size_t)count); return 1; }

int32_t CryptoNative_HmacCurrent(const struct mac* mac, uint8_t* digest, int32_t* size) { *size = mac_end(mac, digest); return 1; }

int32_t CryptoNative_HmacFinal(struct mac* mac, uint8_t* digest, int32_t* size) { return CryptoNative_HmacCurrent(mac, digest, size); }

int32_t CryptoNative_HmacOneShot(
    const struct kind* kind, const uint8_t* key, int32_t length, const uint8_t* bytes, int32_t count, uint8_t* digest, int32_t* size)
{
    struct mac mac;
    if (!kind) return 0;
    key_of(&mac, key, length, kind);
    add(&mac.now, bytes, (size_t)count);
    return CryptoNative_HmacCurrent(&mac, digest, size);
}

/* The rest of what is called before or beside hashing. */
int32_t CryptoNative_EnsureOpenSslInitialized(void) { return 0; }
int32_t CryptoNative_OpenSslAvailable(void) { return 1; }
void CryptoNative_ErrClearError(void) {}

int32_t CryptoNative_GetRandomBytes(uint8_t* bytes, int32_t count)
{
    for (int32_t have = 0; have < count;)
    {
        ssize_t more = getrandom(bytes + have, (size_t)(count - have), 0);
        if (more < 0) return 0;
        have += (int32_t)more;
    }
    return 1;
}

/* Brotli: what would make one says that it cannot. */
void* BrotliDecoderCreateInstance(void* allocate, void* release, void* opaque) { (void)allocate; (void)release; (void)opaque; return NULL; }
int BrotliDecoderDecompressStream(void) { return 0; }
void BrotliDecoderDestroyInstance(void* state) { (void)state; }
int BrotliDecoderIsFinished(void) { return 1; }
void* BrotliEncoderCreateInstance(void* allocate, void* release, void* opaque) { (void)allocate; (void)release; (void)opaque; return NULL; }
int BrotliEncoderCompressStream(void) { return 0; }
void BrotliEncoderDestroyInstance(void* state) { (void)state; }
int BrotliEncoderHasMoreOutput(void) { return 0; }
int BrotliEncoderSetParameter(void) { return 0; }
