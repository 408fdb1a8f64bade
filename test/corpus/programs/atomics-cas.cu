//// features: atomicCAS loop on a double's bits, atomicExch, product of many threads
//// sequential
double atomics_cas(const double *in, int n, int *last) {
    double product = 1;
    for (int i = 0; i < n; i++) product *= in[i];
    *last = n;
    return product;
}
//// kernel
__device__ double atomic_multiply(double *address, double by) {
    unsigned long long *bits = (unsigned long long *)address, old = *bits, seen;
    do {
        seen = old;
        old = atomicCAS(bits, seen, __double_as_longlong(__longlong_as_double(seen) * by));
    } while (old != seen);
    return __longlong_as_double(old);
}
__global__ void multiply(const double *in, int n, double *product, int *slots) {
    int i = threadIdx.x + blockIdx.x * blockDim.x;
    if (i >= n) return;
    atomic_multiply(product, in[i]);
    // Each exchange hands on what was there, so that the sum of all that come out and of what stays is n.
    int out = atomicExch(slots, 1);
    atomicAdd(slots + 1, out);
}
//// wrapper
double atomics_cas_cuda(const double *in, int n, int *last) {
    double *d_in, *d_product, product = 1;
    int *d_slots, slots[2];
    cudaMalloc(&d_in, n * sizeof(double));
    cudaMalloc(&d_product, sizeof(double));
    cudaMalloc(&d_slots, 2 * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_product, &product, sizeof(double), cudaMemcpyHostToDevice);
    cudaMemset(d_slots, 0, 2 * sizeof(int));
    multiply<<<3, (n + 2) / 3>>>(d_in, n, d_product, d_slots);
    cudaMemcpy(&product, d_product, sizeof(double), cudaMemcpyDeviceToHost);
    cudaMemcpy(slots, d_slots, 2 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_product);
    cudaFree(d_slots);
    *last = slots[0] + slots[1];
    return product;
}
//// tests
double in[5] = {1, 2, 3, 4, 0.5};
int last[1];
wrapper(FUNCTION, in, 5, last);
---
double in[60];
int last[1];
for (int i = 0; i < 60; i++) in[i] = i % 3 == 0 ? 2 : i % 3 == 1 ? 0.5 : -1;
wrapper(FUNCTION, in, 60, last);
