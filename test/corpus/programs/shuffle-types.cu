//// features: shuffles of float, double, long long and unsigned; butterfly sum
//// sequential
void shuffle_types(const double *in, float *f, double *d, long long *l) {
    *f = 0, *d = 0, *l = 0;
    for (int i = 0; i < 32; i++) *f += (float)in[i], *d += in[i], *l += (long long)(in[i] * 8);
    *d -= in[31];
}
//// kernel
__global__ void butterfly(const double *in, float *f, double *d, long long *l) {
    double value = in[threadIdx.x];
    float single = (float)value;
    long long whole = (long long)(value * 8);
    double last = __shfl_sync(~0u, value, 31);
    for (int mask = 16; mask > 0; mask /= 2) {
        single += __shfl_xor_sync(~0u, single, mask);
        whole += __shfl_xor_sync(~0u, whole, mask);
        value += __shfl_xor_sync(~0u, value, mask);
    }
    if (threadIdx.x == 17) *f = single, *d = value - last, *l = whole;
}
//// wrapper
void shuffle_types_cuda(const double *in, float *f, double *d, long long *l) {
    double *d_in, *d_d;
    float *d_f;
    long long *d_l;
    cudaMalloc(&d_in, 32 * sizeof(double));
    cudaMalloc(&d_d, sizeof(double));
    cudaMalloc(&d_f, sizeof(float));
    cudaMalloc(&d_l, sizeof(long long));
    cudaMemcpy(d_in, in, 32 * sizeof(double), cudaMemcpyHostToDevice);
    butterfly<<<1, 32>>>(d_in, d_f, d_d, d_l);
    cudaMemcpy(f, d_f, sizeof(float), cudaMemcpyDeviceToHost);
    cudaMemcpy(d, d_d, sizeof(double), cudaMemcpyDeviceToHost);
    cudaMemcpy(l, d_l, sizeof(long long), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_d);
    cudaFree(d_f);
    cudaFree(d_l);
}
//// tests
double in[32], d[1];
float f[1];
long long l[1];
for (int i = 0; i < 32; i++) in[i] = i * 0.125 - 1;
wrapper(FUNCTION, in, f, d, l);
