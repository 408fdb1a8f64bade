//// features: __float_as_int, __int_as_float, __float_as_uint, __double_as_longlong, __hiloint2double, __double2hiint
//// sequential
void bit_casts(const float *in, int n, int *bits, float *next, double *halves) {
    for (int i = 0; i < n; i++) {
        memcpy(&bits[i], &in[i], 4);
        next[i] = nextafterf(in[i], INFINITY);
        halves[i] = ldexp((double)in[i], 1);
    }
}
//// kernel
__global__ void cast(const float *in, int n, int *bits, float *next, double *halves) {
    int i = threadIdx.x;
    if (i >= n) return;
    bits[i] = __float_as_int(in[i]);
    next[i] = in[i] < 0 ? __int_as_float(bits[i] - 1) : __uint_as_float(__float_as_uint(in[i]) + 1u);
    double d = in[i];
    // One more in the exponent doubles the number.
    halves[i] = __hiloint2double(__double2hiint(d) + (1 << 20), __double2loint(d));
    if (__longlong_as_double(__double_as_longlong(d)) != d) halves[i] = -1;
}
//// wrapper
void bit_casts_cuda(const float *in, int n, int *bits, float *next, double *halves) {
    float *d_in, *d_next;
    int *d_bits;
    double *d_halves;
    cudaMalloc(&d_in, n * sizeof(float));
    cudaMalloc(&d_next, n * sizeof(float));
    cudaMalloc(&d_bits, n * sizeof(int));
    cudaMalloc(&d_halves, n * sizeof(double));
    cudaMemcpy(d_in, in, n * sizeof(float), cudaMemcpyHostToDevice);
    cast<<<1, n>>>(d_in, n, d_bits, d_next, d_halves);
    cudaMemcpy(bits, d_bits, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaMemcpy(next, d_next, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaMemcpy(halves, d_halves, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_next);
    cudaFree(d_bits);
    cudaFree(d_halves);
}
//// tests
cout << setprecision(17);
float in[5] = {1.0f, -2.5f, 0.1f, 3e30f, -1e-20f}, next_[5];
int bits[5];
double halves[5];
wrapper(FUNCTION, in, 5, bits, next_, halves);
