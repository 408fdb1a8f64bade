//// features: atomicMin and atomicMax on int, unsigned, long long; atomicAnd, atomicOr, atomicXor
//// sequential
void atomics_min_max_bits(const int *in, int n, int *out, long long *most) {
    out[0] = out[1] = in[0];
    unsigned least = in[0], all = ~0u, any = 0, odd = 0;
    *most = 0;
    for (int i = 0; i < n; i++) {
        out[0] = min(out[0], in[i]);
        out[1] = max(out[1], in[i]);
        least = min(least, (unsigned)in[i]);
        all &= in[i], any |= in[i], odd ^= in[i];
        *most = max(*most, (long long)in[i] * in[i] * 1000);
    }
    out[2] = least, out[3] = all, out[4] = any, out[5] = odd;
}
//// kernel
__global__ void gather(const int *in, int n, int *out, unsigned *bits, long long *most) {
    int i = threadIdx.x;
    if (i >= n) return;
    atomicMin(out, in[i]);
    atomicMax(out + 1, in[i]);
    atomicMin(bits, (unsigned)in[i]);
    atomicAnd(bits + 1, in[i]);
    atomicOr(bits + 2, in[i]);
    atomicXor(bits + 3, in[i]);
    atomicMax(most, (long long)in[i] * in[i] * 1000);
}
//// wrapper
void atomics_min_max_bits_cuda(const int *in, int n, int *out, long long *most) {
    int *d_in, *d_out, begin[6] = {INT_MAX, INT_MIN, -1, -1, 0, 0};
    long long *d_most;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, sizeof begin);
    cudaMalloc(&d_most, sizeof(long long));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_out, begin, sizeof begin, cudaMemcpyHostToDevice);
    cudaMemset(d_most, 0, sizeof(long long));
    gather<<<1, 64>>>(d_in, n, d_out, (unsigned *)(d_out + 2), d_most);
    cudaMemcpy(out, d_out, sizeof begin, cudaMemcpyDeviceToHost);
    cudaMemcpy(most, d_most, sizeof(long long), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
    cudaFree(d_most);
}
//// tests
int in[4] = {7, -3, 12, 5}, out[6];
long long most[1];
wrapper(FUNCTION, in, 4, out, most);
---
int in[60], out[6];
long long most[1];
for (int i = 0; i < 60; i++) in[i] = (i * 40503) % 65521 + 16;
wrapper(FUNCTION, in, 60, out, most);
