//// features: lambdas made and called in a kernel, captures by reference and by value, generic ones
//// sequential
void lambda_in_kernel(const int *in, int *out, int n) {
    for (int i = 0; i < n; i++) {
        int sum = 0;
        for (int k = -1; k <= 1; k++) sum += in[(i + k + n) % n] * (k + 2);
        out[i] = sum + i * 10;
    }
}
//// kernel
template <class F>
__device__ void each_neighbour(F f) {
    for (int k = -1; k <= 1; k++) f(k);
}
__global__ void neighbours(const int *in, int *out, int n) {
    int i = threadIdx.x, sum = 0;
    auto at = [=](int k) { return in[(i + k + n) % n]; };
    each_neighbour([&](int k) { sum += at(k) * (k + 2); });
    auto times = [](auto a, auto b) { return a * b; };
    out[i] = sum + times(i, 10);
}
//// wrapper
void lambda_in_kernel_cuda(const int *in, int *out, int n) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    neighbours<<<1, n>>>(d_in, d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[5] = {1, 2, 3, 4, 5}, out[5];
wrapper(FUNCTION, in, out, 5);
---
int in[40], out[40];
for (int i = 0; i < 40; i++) in[i] = i * i % 11;
wrapper(FUNCTION, in, out, 40);
