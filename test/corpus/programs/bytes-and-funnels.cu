//// features: __byte_perm, __funnelshift_l, __funnelshift_r and their clamped forms
//// sequential
void bytes_and_funnels(unsigned low, unsigned high, unsigned selector, unsigned shift, unsigned *out) {
    unsigned long long both = (unsigned long long)high << 32 | low;
    out[0] = 0;
    for (int i = 0; i < 4; i++) out[0] |= (unsigned)(both >> (8 * (selector >> 4 * i & 7)) & 255) << 8 * i;
    out[1] = (unsigned)(both << (shift & 31) >> 32);
    out[2] = (unsigned)(both >> (shift & 31));
    out[3] = shift >= 32 ? low : (unsigned)(both << shift >> 32);
    out[4] = shift >= 32 ? high : (unsigned)(both >> shift);
}
//// kernel
__global__ void permute(unsigned low, unsigned high, unsigned selector, unsigned shift, unsigned *out) {
    out[0] = __byte_perm(low, high, selector);
    out[1] = __funnelshift_l(low, high, shift);
    out[2] = __funnelshift_r(low, high, shift);
    out[3] = __funnelshift_lc(low, high, shift);
    out[4] = __funnelshift_rc(low, high, shift);
}
//// wrapper
void bytes_and_funnels_cuda(unsigned low, unsigned high, unsigned selector, unsigned shift, unsigned *out) {
    unsigned *d_out;
    cudaMalloc(&d_out, 5 * sizeof(unsigned));
    permute<<<1, 1>>>(low, high, selector, shift, d_out);
    cudaMemcpy(out, d_out, 5 * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
unsigned out[5];
wrapper(FUNCTION, 0x03020100u, 0x07060504u, 0x5140u, 8u, out);
---
unsigned out[5];
wrapper(FUNCTION, 0xdeadbeefu, 0x12345678u, 0x0123u, 40u, out);
---
unsigned out[5];
wrapper(FUNCTION, 0xffff0000u, 1u, 0x7777u, 0u, out);
