//// features: table in __constant__ memory with an initialiser, unsigned shifts, one thread a message
//// sequential
void checksum(const unsigned *words, int n, unsigned *out) {
    for (int i = 0; i < n; i++) {
        unsigned crc = 0xffffffffu;
        for (int bit = 0; bit < 32; bit++) {
            unsigned mix = (crc ^ words[i] >> bit) & 1;
            crc = crc >> 1 ^ (mix ? 0xedb88320u : 0);
        }
        out[i] = ~crc;
    }
}
//// kernel
__constant__ unsigned nibble[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
__global__ void crc32(const unsigned *words, int n, unsigned *out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned crc = ~0u;
#pragma unroll
    for (int k = 0; k < 8; k++) crc = nibble[(crc ^ words[i] >> 4 * k) & 15] ^ crc >> 4;
    out[i] = ~crc;
}
//// wrapper
void checksum_cuda(const unsigned *words, int n, unsigned *out) {
    unsigned *d_words, *d_out;
    cudaMalloc(&d_words, n * sizeof(unsigned));
    cudaMalloc(&d_out, n * sizeof(unsigned));
    cudaMemcpy(d_words, words, n * sizeof(unsigned), cudaMemcpyHostToDevice);
    crc32<<<(n + 7) / 8, 8>>>(d_words, n, d_out);
    cudaMemcpy(out, d_out, n * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaFree(d_words);
    cudaFree(d_out);
}
//// tests
unsigned words[4] = {0, 1, 0x34333231, 0xffffffff}, out[4];
wrapper(FUNCTION, words, 4, out);
---
unsigned words[33], out[33];
for (int i = 0; i < 33; i++) words[i] = i * 2654435761u;
wrapper(FUNCTION, words, 33, out);
