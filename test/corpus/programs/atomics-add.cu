//// features: overload set of atomicAdd (int, unsigned, unsigned long long, float, double), value before returned
//// sequential
void atomics_add(int n, int *i, unsigned *u, unsigned long long *l, float *f, double *d) {
    *i = *u = *l = *f = *d = 0;
    for (int t = 0; t < n; t++) {
        *i -= t;
        *u += t;
        *l += 10000000000ULL;
        *f += 0.5f;
        *d += 0.125 * t;
    }
    // The values before an addition of 1 are all of 0 to n - 1, so they sum to this.
    *i += n * (n - 1) / 2;
}
//// kernel
struct Sums {
    double d;
    unsigned long long l;
    int i;
    unsigned u, ticket;
    float f;
};
__global__ void add_all(Sums *s, int n) {
    int t = blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= n) return;
    atomicAdd(&s->i, -t);
    atomicAdd(&s->u, (unsigned)t);
    atomicAdd(&s->l, 10000000000ULL);
    atomicAdd(&s->f, 0.5f);
    atomicAdd(&s->d, 0.125 * t);
    unsigned before = atomicAdd(&s->ticket, 1u);
    atomicAdd(&s->i, (int)before);
}
//// wrapper
void atomics_add_cuda(int n, int *i, unsigned *u, unsigned long long *l, float *f, double *d) {
    Sums *d_sums, sums;
    cudaMalloc(&d_sums, sizeof(Sums));
    cudaMemset(d_sums, 0, sizeof(Sums));
    add_all<<<(n + 15) / 16, 16>>>(d_sums, n);
    cudaMemcpy(&sums, d_sums, sizeof(Sums), cudaMemcpyDeviceToHost);
    cudaFree(d_sums);
    *i = sums.i, *u = sums.u, *l = sums.l, *f = sums.f, *d = sums.d;
}
//// tests
int i[1];
unsigned u[1];
unsigned long long l[1];
float f[1];
double d[1];
wrapper(FUNCTION, 10, i, u, l, f, d);
---
int i[1];
unsigned u[1];
unsigned long long l[1];
float f[1];
double d[1];
wrapper(FUNCTION, 77, i, u, l, f, d);
