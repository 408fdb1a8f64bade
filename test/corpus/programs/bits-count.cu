//// features: __popc, __clz, __ffs, __brev and their 64-bit forms
//// sequential
void bits_count(const unsigned long long *in, int n, int *out, unsigned long long *reversed) {
    for (int i = 0; i < n; i++) {
        unsigned low = (unsigned)in[i], back = 0;
        int ones = 0, wide = 0, first = 0, first_wide = 0, zeros = 32, zeros_wide = 64;
        unsigned long long back_wide = 0;
        for (int b = 63; b >= 0; b--) {
            bool set = in[i] >> b & 1;
            if (set) wide++, first_wide = b + 1, back_wide |= 1ULL << (63 - b);
            if (set && zeros_wide == 64) zeros_wide = 63 - b;
            if (b > 31) continue;
            if (set) ones++, first = b + 1, back |= 1u << (31 - b);
            if (set && zeros == 32) zeros = 31 - b;
        }
        int row[6] = {ones, wide, zeros, zeros_wide, first, first_wide};
        for (int k = 0; k < 6; k++) out[6 * i + k] = row[k];
        reversed[2 * i] = back;
        reversed[2 * i + 1] = back_wide;
        (void)low;
    }
}
//// kernel
__global__ void count_bits(const unsigned long long *in, int *out, unsigned long long *reversed) {
    int i = threadIdx.x;
    unsigned low = (unsigned)in[i];
    out[6 * i] = __popc(low);
    out[6 * i + 1] = __popcll(in[i]);
    out[6 * i + 2] = __clz((int)low);
    out[6 * i + 3] = __clzll((long long)in[i]);
    out[6 * i + 4] = __ffs((int)low);
    out[6 * i + 5] = __ffsll((long long)in[i]);
    reversed[2 * i] = __brev(low);
    reversed[2 * i + 1] = __brevll(in[i]);
}
//// wrapper
void bits_count_cuda(const unsigned long long *in, int n, int *out, unsigned long long *reversed) {
    unsigned long long *d_in, *d_reversed;
    int *d_out;
    cudaMalloc(&d_in, n * 8);
    cudaMalloc(&d_reversed, 2 * n * 8);
    cudaMalloc(&d_out, 6 * n * sizeof(int));
    cudaMemcpy(d_in, in, n * 8, cudaMemcpyHostToDevice);
    count_bits<<<1, n>>>(d_in, d_out, d_reversed);
    cudaMemcpy(out, d_out, 6 * n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaMemcpy(reversed, d_reversed, 2 * n * 8, cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_reversed);
    cudaFree(d_out);
}
//// tests
unsigned long long in[6] = {0, 1, 0xffffffffffffffffULL, 0x8000000000000000ULL, 0x123456789abcdef0ULL, 0xf0f00000ULL}, reversed[12];
int out[36];
wrapper(FUNCTION, in, 6, out, reversed);
