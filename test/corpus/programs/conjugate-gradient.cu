//// features: solver, device function, several barriers, double, one block
//// sequential
int conjugate_gradient(const double *b, double *x, int n) {
    // The matrix has 2 on its diagonal and -1 beside it.
    vector<double> r(b, b + n), p(r), ap(n);
    double rr = 0;
    int steps = 0;
    for (int i = 0; i < n; i++) x[i] = 0, rr += r[i] * r[i];
    while (rr > 1e-18 && steps < 4 * n) {
        double pap = 0, next = 0;
        for (int i = 0; i < n; i++) {
            ap[i] = 2 * p[i] - (i > 0 ? p[i - 1] : 0) - (i + 1 < n ? p[i + 1] : 0);
            pap += p[i] * ap[i];
        }
        for (int i = 0; i < n; i++) {
            x[i] += rr / pap * p[i];
            r[i] -= rr / pap * ap[i];
            next += r[i] * r[i];
        }
        for (int i = 0; i < n; i++) p[i] = r[i] + next / rr * p[i];
        rr = next;
        steps++;
    }
    for (int i = 0; i < n; i++) x[i] = round(x[i] * 1e6) / 1e6;
    return steps;
}
//// kernel
__device__ double sum_of_block(double value) {
    __shared__ double cells[32];
    cells[threadIdx.x] = value;
    __syncthreads();
    double sum = 0;
    for (int i = 0; i < blockDim.x; i++) sum += cells[i];
    __syncthreads();
    return sum;
}
__global__ void cg_kernel(const double *b, double *x, int n, int *count) {
    __shared__ double p[34];
    int i = threadIdx.x;
    double xi = 0, ri = b[i];
    if (i == 0) p[0] = p[n + 1] = 0;
    p[i + 1] = ri;
    double rr = sum_of_block(ri * ri);
    int steps = 0;
    while (rr > 1e-18 && steps < 4 * n) {
        double ap = 2 * p[i + 1] - p[i] - p[i + 2];
        double alpha = rr / sum_of_block(p[i + 1] * ap);
        xi += alpha * p[i + 1];
        ri -= alpha * ap;
        double next = sum_of_block(ri * ri);
        p[i + 1] = ri + next / rr * p[i + 1];
        rr = next;
        steps++;
        __syncthreads();
    }
    x[i] = round(xi * 1e6) / 1e6;
    if (i == 0) *count = steps;
}
//// wrapper
int conjugate_gradient_cuda(const double *b, double *x, int n) {
    double *d_b, *d_x;
    int *d_count, count = -1;
    cudaMalloc(&d_b, n * sizeof(double));
    cudaMalloc(&d_x, n * sizeof(double));
    cudaMalloc(&d_count, sizeof(int));
    cudaMemcpy(d_b, b, n * sizeof(double), cudaMemcpyHostToDevice);
    cg_kernel<<<1, n>>>(d_b, d_x, n, d_count);
    cudaMemcpy(x, d_x, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaMemcpy(&count, d_count, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_b);
    cudaFree(d_x);
    cudaFree(d_count);
    return count;
}
//// tests
double b[4] = {1, 0, 0, 1}, x[4];
wrapper(FUNCTION, b, x, 4);
---
double b[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, x[9];
wrapper(FUNCTION, b, x, 9);
