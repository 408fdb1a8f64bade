//// features: several static shared arrays, a shared scalar and structure, dynamic shared memory cut into types
//// sequential
void shared_kinds(const int *in, int n, double *out) {
    for (int i = 0; i < n; i++) out[i] = in[n - 1 - i] * 0.5 + in[i] + 'a' + i % 3 + 11 + n;
}
//// kernel
struct Pair {
    int left, right;
};
__global__ void mixed(const int *in, int n, double *out) {
    __shared__ Pair pair;
    __shared__ int eleven;
    __shared__ int grid[4][16];
    extern __shared__ double memory[];
    double *halves = memory;
    int *same = (int *)(halves + n);
    char *letters = (char *)&same[n];
    int i = threadIdx.x;
    if (i == 0) pair.left = 4, pair.right = 7;
    if (i == n - 1) eleven = n;
    grid[i / 16][i % 16] = i % 3;
    halves[n - 1 - i] = in[i] * 0.5;
    same[i] = in[i];
    letters[i] = 'a';
    __syncthreads();
    out[i] = halves[i] + same[i] + letters[n - 1 - i] + grid[i / 16][i % 16] + pair.left + pair.right + eleven;
}
//// wrapper
void shared_kinds_cuda(const int *in, int n, double *out) {
    int *d_in;
    double *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(double));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    mixed<<<1, n, n * (sizeof(double) + sizeof(int) + 1)>>>(d_in, n, d_out);
    cudaMemcpy(out, d_out, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[10];
double out[10];
for (int i = 0; i < 10; i++) in[i] = i * 3;
wrapper(FUNCTION, in, 10, out);
---
int in[63];
double out[63];
for (int i = 0; i < 63; i++) in[i] = 100 - i;
wrapper(FUNCTION, in, 63, out);
