//// features: pointers to device functions, a table of them in device code, chosen by a thread's number
//// sequential
void function_pointers(const int *in, int *out, int n) {
    for (int i = 0; i < n; i++) out[i] = i % 3 == 0 ? in[i] + 1 : i % 3 == 1 ? in[i] * 2 : in[i] - 3;
}
//// kernel
typedef int (*Step)(int);
__device__ int plus_one(int v) { return v + 1; }
__device__ int twice(int v) { return v * 2; }
__device__ int minus_three(int v) { return v - 3; }
__device__ Step steps[3] = {plus_one, twice, minus_three};
__global__ void choose(const int *in, int *out, int n) {
    int i = threadIdx.x;
    if (i >= n) return;
    Step step = steps[i % 3];
    out[i] = step(in[i]);
}
//// wrapper
void function_pointers_cuda(const int *in, int *out, int n) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    choose<<<1, 32>>>(d_in, d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[7] = {10, 20, 30, 40, 50, 60, 70}, out[7];
wrapper(FUNCTION, in, out, 7);
